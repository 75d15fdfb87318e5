/** Serves the REST API. Two of them are enough for a proxy to have one while the other is replaced. */
import { createServer } from "@bullmq-workflows/server";
import { listen } from "@bullmq-workflows/server/node";
import { WorkflowEngine } from "bullmq-workflows";
import { log } from "./log.ts";
import { settings } from "./settings.ts";
import { onTermination } from "./shutdown.ts";

const { redisUrl: connection, prefix, hostname, port, proxies: trustProxy } = settings;
const engine = new WorkflowEngine({ connection, prefix, mode: "client", logger: log });
const server = createServer({ engine, logger: log, trustProxy });
const listener = await listen(server, {
  hostname,
  port,
  onListening: (message) => log("info", message),
});

onTermination(async () => {
  await listener.close();
  await server.close();
  await engine.close();
});
