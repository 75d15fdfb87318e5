/** The server that every mount in this folder mounts. */
import { WorkflowEngine } from "bullmq-workflows";
import { createServer } from "@bullmq-workflows/server";

const connection = process.env["REDIS_URL"] ?? "redis://localhost:6379";
const prefix = process.env["REDIS_PREFIX"] ?? "bw";

const engine = new WorkflowEngine({ connection, prefix, mode: "client" });

export const server = createServer({ engine });
