import { WorkflowEngine } from "bullmq-workflows";
import { createServer } from "@bullmq-workflows/server";

const connection = process.env.REDIS_URL ?? "redis://localhost:6379";
const prefix = process.env.REDIS_PREFIX ?? "bw";

/** Next may load a module several times in one process; one server is enough. */
function open() {
  const engine = new WorkflowEngine({ connection, prefix, mode: "client" });
  return createServer({ engine });
}

export const server = (globalThis.workflowServer ??= open());
