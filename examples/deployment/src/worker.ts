/** Runs workflows. Start as many as there is work for; each takes what is due. */
import { WorkflowEngine } from "bullmq-workflows";
import { log } from "./log.ts";
import { OrderWorkflow } from "./orders.ts";
import { settings } from "./settings.ts";
import { onTermination } from "./shutdown.ts";

const { redisUrl: connection, prefix, concurrency } = settings;
const engine = new WorkflowEngine({ connection, prefix, concurrency, mode: "worker", logger: log });
engine.register(OrderWorkflow, { name: "orders" });

// Waits for running steps. What has not ended goes on elsewhere, also when there is no time to wait.
onTermination(async () => await engine.close());
await engine.ready();
log("info", "the worker runs");
