import { BackendPostgres } from "openworkflow/postgres";
import type { Engine } from "../src/engine.ts";
import { createOpenWorkflow } from "./openworkflow.ts";

export const engine: Engine = createOpenWorkflow("postgres", async ({ url }) => {
  const backend = await BackendPostgres.connect(url);
  return { backend, stop: async () => await backend.stop() };
});
