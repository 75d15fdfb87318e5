import type { Engine } from "../src/engine.ts";
import { createOpenWorkflow } from "./openworkflow.ts";

export const engine: Engine = createOpenWorkflow("sqlite", async ({ url }) => {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < 22)
    throw new Error(`it needs node:sqlite, so Node 22, and this is ${process.version}`);
  const { BackendSqlite } = await import("openworkflow/sqlite");
  const backend = BackendSqlite.connect(url);
  return { backend, stop: async () => await backend.stop() };
});
