/** The REST API over an engine that runs nothing: what `server` and `dev` serve. */
import { createServer } from "@bullmq-workflows/server";
import type { ServerOptions, WorkflowServer } from "@bullmq-workflows/server";
import type { Logger, WorkflowEngine } from "bullmq-workflows";
import { openClient } from "../connection/client-engine.ts";
import type { EnginePlace } from "../connection/client-engine.ts";
import type { Shutdown } from "../shutdown.ts";

interface ServerParts extends Omit<ServerOptions, "engine"> {
  readonly place: EnginePlace;
  readonly logger: Logger;
}

interface OpenServer {
  readonly engine: WorkflowEngine;
  readonly server: WorkflowServer;
}

/** Both are closed at the end of the command. */
export function openServer({ place, ...options }: ServerParts, shutdown: Shutdown): OpenServer {
  const engine = openClient(place, options.logger);
  shutdown.atEnd(async () => await engine.close());
  const server = createServer({ ...options, engine });
  shutdown.atEnd(async () => await server.close());
  return { engine, server };
}
