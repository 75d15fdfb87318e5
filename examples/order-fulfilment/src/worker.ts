/** A worker process. It may be killed at any moment; another one carries on where it was. */
import { WorkflowEngine } from "bullmq-workflows";
import { readSettings, sayReady, untilToldToStop } from "./child-process.ts";
import { Payments, Warehouse } from "./clients.ts";
import { OrderWorkflow } from "./order-workflow.ts";
import type { Env } from "./order-workflow.ts";
import type { OutsideWorldAddress } from "./outside-world.ts";
import { ORDERS } from "./settings.ts";

export interface WorkerSettings extends OutsideWorldAddress {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly webhookUrl: string;
}

const settings = readSettings() as WorkerSettings;
const env: Env = {
  payments: new Payments(settings.paymentsUrl, settings.webhookUrl),
  warehouse: new Warehouse(settings.warehouseUrl),
};
const engine = new WorkflowEngine({
  connection: settings.redisUrl,
  prefix: settings.prefix,
  mode: "worker",
  // How long the orders of a killed worker wait for another one.
  lease: "3 seconds",
  env,
});
engine.register(OrderWorkflow, ORDERS);
await engine.ready();
sayReady({});

await untilToldToStop();
await engine.close();
process.exit();
