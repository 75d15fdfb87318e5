import type { Command } from "../command.ts";
import { run } from "./run.ts";

/** In the order in which help lists them. */
export const COMMANDS: readonly Command[] = [run];
