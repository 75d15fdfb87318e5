/** The workloads, in the order in which they run. */
import type { Workload } from "../workload.ts";
import { cluster, fsync, workers } from "./arrangements.ts";
import { create } from "./create.ts";
import { events } from "./events.ts";
import { fan } from "./fan.ts";
import { lone } from "./lone.ts";
import { long } from "./long.ts";
import { inbox, naps } from "./many-waits.ts";
import { parked } from "./parked.ts";
import { recovery } from "./recovery.ts";
import { sleepers } from "./sleepers.ts";
import { steps } from "./steps.ts";

export const WORKLOADS: readonly Workload[] = [
  steps,
  lone,
  long,
  sleepers,
  events,
  naps,
  inbox,
  fan,
  create,
  recovery,
  workers,
  cluster,
  fsync,
  parked,
];
