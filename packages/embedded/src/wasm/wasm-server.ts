/** Valkey as WebAssembly, in a process of its own. */
import { fork, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ServerChild } from "../child-process.ts";
import { DataFolder } from "../data-folder.ts";
import type { EmbeddedServer } from "../embedded-server.ts";
import { EmbeddedServerError } from "../errors.ts";
import type { ResolvedStartServerOptions } from "../options.ts";
import { EXIT_SNAPSHOT_FAILED, type ServerMessage, type ServerProcessOptions } from "./messages.ts";
import { currentSnapshot, provenSnapshot } from "./snapshot-files.ts";

/** Includes loading a large snapshot. */
const START_TIMEOUT_MS = 120_000;

type ReadyMessage = Extract<ServerMessage, { type: "ready" }>;
type FailedMessage = Extract<ServerMessage, { type: "failed" }>;

/**
 * @throws {@link EmbeddedServerError} `server.snapshot_unreadable`, `server.data_in_use` or
 * `server.start_failed`
 */
export async function startWasmServer(
  options: ResolvedStartServerOptions,
): Promise<EmbeddedServer> {
  const { dataDir } = options;
  const folder = dataDir === undefined ? undefined : await DataFolder.claim(dataDir, "wasm");
  const forked = forkServer({
    port: options.port,
    snapshotEveryMs: options.snapshotEveryMs,
    ...(folder === undefined ? {} : { directory: folder.path }),
  });
  const child = new ServerChild(forked);
  void child.exited.then(() => folder?.release());
  if (child.pid !== undefined) folder?.assignTo(child.pid);
  const ready = await untilReady(forked, child, folder);
  child.release();
  warnOfFailedSnapshots(forked, child, options.onWarning);
  void warnOfCrash(child, options.onWarning);
  return new WasmServer(child, ready, options, folder);
}

class WasmServer implements EmbeddedServer {
  readonly kind = "wasm";
  readonly url: string;
  readonly description: string;
  readonly pid: number;
  readonly exited: EmbeddedServer["exited"];
  readonly #child: ServerChild;

  constructor(
    child: ServerChild,
    { port, version }: ReadyMessage,
    { snapshotEveryMs }: ResolvedStartServerOptions,
    folder?: DataFolder,
  ) {
    this.#child = child;
    this.url = `redis://127.0.0.1:${port}`;
    this.pid = child.pid ?? 0;
    this.exited = child.exited;
    const seconds = snapshotEveryMs / 1000;
    const durability =
      folder === undefined
        ? "in memory only: everything is forgotten when it stops"
        : `snapshot every ${seconds} s to ${folder.path}: a crash of this server can lose the last ` +
          `${seconds} s (longer if the state is large), an orderly stop loses nothing`;
    this.description = `Embedded Valkey ${version} (WebAssembly) on 127.0.0.1:${port}, ${durability}`;
  }

  async close(): Promise<void> {
    const { exitCode } = await this.#child.stop((child) => {
      if (child.connected) child.disconnect();
    });
    if (exitCode !== EXIT_SNAPSHOT_FAILED) return;
    throw new EmbeddedServerError(
      "server.stop_failed",
      `The embedded Valkey could not write its last snapshot; the one before it is still there. ` +
        `Look for a full disk or missing permissions. It printed:\n${printedBy(this.#child)}`,
    );
  }

  kill(): void {
    this.#child.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function forkServer(options: ServerProcessOptions): ChildProcess {
  const { NODE_OPTIONS: _forOurProcessOnly, ...env } = process.env;
  const entry = new URL(`./server-process${sourceExtension()}`, import.meta.url);
  return fork(fileURLToPath(entry), [JSON.stringify(options)], {
    // Its own session: Ctrl-C in a terminal then reaches only our process, which stops its own work
    // first and the server last.
    detached: true,
    env,
    execArgv: ["--disable-warning=ExperimentalWarning", ...typescriptLoader()],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}

/** This file runs as it was written (tests, examples) or as it was built; its neighbors alike. */
function sourceExtension(): ".ts" | ".js" {
  return import.meta.url.endsWith(".ts") ? ".ts" : ".js";
}

function typescriptLoader(): string[] {
  if (sourceExtension() === ".js" || runsTypescript()) return [];
  return ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href];
}

/** Newer versions of Node drop the types themselves. */
function runsTypescript(): boolean {
  return Boolean((process.features as { readonly typescript?: unknown }).typescript);
}

async function untilReady(
  forked: ChildProcess,
  child: ServerChild,
  folder: DataFolder | undefined,
): Promise<ReadyMessage> {
  let failure: FailedMessage | undefined;
  const ready = new Promise<ReadyMessage>((resolve) => {
    forked.on("message", (message: ServerMessage) => {
      if (message.type === "failed") failure = message;
      if (message.type === "ready") resolve(message);
    });
  });
  const timer = setTimeout(() => child.kill(), START_TIMEOUT_MS);
  const first = await Promise.race([ready, child.exited]);
  clearTimeout(timer);
  if ("type" in first) return first;
  const ending =
    first.signal === "SIGKILL"
      ? `it was killed, by the system or for not being ready after ${START_TIMEOUT_MS / 1000} s`
      : `it ended (${first.exitCode ?? first.signal})`;
  throw explain(failure, child, folder) ?? startFailed(ending, child);
}

function explain(
  failure: FailedMessage | undefined,
  child: ServerChild,
  folder: DataFolder | undefined,
): EmbeddedServerError | undefined {
  if (failure === undefined) return undefined;
  const snapshot = folder === undefined ? undefined : currentSnapshot(folder.path);
  if (failure.reason !== "snapshot" || folder === undefined || !existsSync(snapshot ?? "")) {
    return startFailed(failure.message, child);
  }
  const proven = provenSnapshot(folder.path);
  return new EmbeddedServerError(
    "server.snapshot_unreadable",
    `The snapshot ${snapshot} cannot be read (${failure.message}). Nothing was changed. ` +
      (existsSync(proven)
        ? `Copy ${proven}, the state at the last start, over it, or move it away to start empty.`
        : `Move it away to start empty.`) +
      ` Valkey printed:\n${printedBy(child)}`,
  );
}

function startFailed(reason: string, child: ServerChild): EmbeddedServerError {
  return new EmbeddedServerError(
    "server.start_failed",
    `The embedded Valkey did not start: ${reason}. It printed:\n${printedBy(child)}`,
  );
}

function warnOfFailedSnapshots(
  forked: ChildProcess,
  child: ServerChild,
  onWarning: (message: string) => void,
): void {
  forked.on("message", (message: ServerMessage) => {
    if (message.type !== "warning") return;
    onWarning(
      `The embedded Valkey could not write its snapshot (${message.message}) and will try again; ` +
        `until then a crash loses more. It printed:\n${printedBy(child)}`,
    );
  });
}

async function warnOfCrash(
  child: ServerChild,
  onWarning: (message: string) => void,
): Promise<void> {
  const { exitCode, signal } = await child.exited;
  if (exitCode === 0 || exitCode === EXIT_SNAPSHOT_FAILED || signal === "SIGKILL") return;
  onWarning(`The embedded Valkey has crashed (${exitCode ?? signal}):\n${printedBy(child)}`);
}

/** Valkey's log lines without their dates, which this build gets wrong. */
function printedBy(child: ServerChild): string {
  return child.lastOutput.replaceAll(/^( {2})\d+:\w .*? ([*#.-]) /gm, "$1$2 ");
}
