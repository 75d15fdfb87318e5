/** Raw BullMQ with a job per step, each adding the next: the floor of three jobs. */
import type { Engine } from "../engine.ts";
import { createFloor } from "./floor.ts";

export const engine: Engine = createFloor("one empty job per step, each adding the next", true);
