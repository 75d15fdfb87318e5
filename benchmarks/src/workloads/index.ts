/** The workloads, in the order in which they run. */
import type { Workload } from "../workload.ts";
import { lone } from "./lone.ts";
import { long } from "./long.ts";
import { steps } from "./steps.ts";

export const WORKLOADS: readonly Workload[] = [steps, lone, long];
