import { pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

/** How many portions the keys are moved in, with a pause before each. */
const PORTIONS = 10;

export const reshard: Fault = {
  name: "reshard",
  summary: "the workflow's slot moves to another node of the cluster while it is used",
  setups: ["cluster"],
  hinders: true,
  async strike(stage) {
    const { cluster } = stage.setup;
    if (!cluster) throw new Error(`${stage.setup.name} has no slots`);
    const move = await cluster.beginMove(stage.tag);
    for (let portion = 0; portion < PORTIONS; portion++) {
      await stage.sleep(pick(stage, 20, 200));
      await move.moveKeys(20);
    }
    await move.finish();
  },
};
