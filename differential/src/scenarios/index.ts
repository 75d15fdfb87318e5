/** Every scenario. The number of one is the beginning of its instances' ids. */
import type { Scenario } from "../scenario.ts";
import { ARGUMENTS } from "./arguments.ts";
import { BINDING } from "./binding.ts";
import { COMMANDS } from "./commands.ts";
import { ERRORS } from "./errors.ts";
import { RESTART } from "./restart.ts";
import { RETRIES } from "./retries.ts";
import { ROLLBACK } from "./rollback.ts";
import { STREAMS } from "./streams.ts";
import { SUBSCRIBE } from "./subscribe.ts";
import { TOGETHER } from "./together.ts";
import { VALUES } from "./values.ts";
import { WAITING } from "./waiting.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...ARGUMENTS,
  ...RETRIES,
  ...TOGETHER,
  ...WAITING,
  ...VALUES,
  ...ERRORS,
  ...COMMANDS,
  ...BINDING,
  ...ROLLBACK,
  ...STREAMS,
  ...RESTART,
  ...SUBSCRIBE,
];
