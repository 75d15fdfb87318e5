import { pick } from "./fault.ts";
import type { Fault, Stage } from "./fault.ts";

export const failover: Fault = {
  name: "failover",
  summary: "SIGKILL of a primary whose replica keeps up; Sentinel promotes the replica",
  setups: ["sentinel"],
  hinders: true,
  async strike(stage) {
    await stage.setup.replication?.inStep();
    await failOver(stage);
  },
};

export const laggingFailover: Fault = {
  name: "lagging-failover",
  summary: "the same when the replica has not got the last writes",
  setups: ["lagging"],
  hinders: true,
  async strike(stage) {
    await stage.setup.replication?.inStep();
    stage.setup.replication?.holdUp();
    await stage.sleep(pick(stage, 200, 1_500));
    await failOver(stage);
    stage.setup.replication?.release();
  },
};

async function failOver({ setup, sleep }: Stage): Promise<void> {
  const { replication } = setup;
  if (!replication) throw new Error(`${setup.name} has no replica`);
  const primary = await replication.primary();
  await primary.kill();
  await replication.failedOver(primary);
  await sleep(200);
  await primary.start();
}
