/** A project that runs, and what it takes to run one. */
import type { WorkflowEngine, WorkflowEngineConfig } from "bullmq-workflows";
import type { ProjectConfig } from "./config/project-config.ts";
import type { Bindings } from "./host/bindings.ts";

export interface RunProjectOptions {
  /** The folder with `wrangler.jsonc`, `wrangler.json` or `wrangler.toml`. */
  readonly directory: string;
  /** A Redis URL, or an ioredis client of yours. */
  readonly connection: WorkflowEngineConfig["connection"];
  /** A named environment of the configuration. @defaultValue the top level */
  readonly environment?: string | undefined;
  /** What `env` holds beside workflows and variables, or a function that answers with it. */
  readonly bindings?: Bindings | undefined;
  /** Further options of the engine. */
  readonly engine?: Omit<WorkflowEngineConfig, "connection" | "env">;
  /** Told which files the project is made of, absolute, before it runs. @defaultValue silence */
  readonly onBundled?: ((files: readonly string[]) => void) | undefined;
}

export interface Project {
  readonly config: ProjectConfig;
  readonly engine: WorkflowEngine<object>;
  /** What workflows and handlers find as `env`. */
  readonly env: Readonly<Record<string, unknown>>;
  /** Calls the project's `fetch`; `undefined` when it has none. */
  readonly fetch: ((request: Request) => Promise<Response>) | undefined;
  /** What is worth knowing, a sentence each. */
  readonly warnings: readonly string[];
  /** Waits for running steps, and up to 30 seconds for what was handed to `waitUntil`. */
  close(options?: { readonly force?: boolean }): Promise<void>;
}
