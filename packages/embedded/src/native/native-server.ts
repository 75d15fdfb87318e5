/** A Redis or Valkey program of this system, run as a child process with an append-only file. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ServerChild } from "../child-process.ts";
import { askServer } from "../connection.ts";
import { DataFolder } from "../data-folder.ts";
import type { EmbeddedServer } from "../embedded-server.ts";
import { EmbeddedServerError } from "../errors.ts";
import type { ResolvedStartServerOptions } from "../options.ts";
import { readInfoField, type Reply } from "../resp.ts";
import type { NativeProgram } from "./find-native-server.ts";
import { ParentWatch } from "./parent-watch.ts";

/** Includes loading a large append-only file. */
const START_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 15;
const ANSWER_TIMEOUT_MS = 5_000;
/** A free port can be taken by someone else before the server gets to it. */
const PORT_ATTEMPTS = 5;

interface Launched {
  readonly child: ServerChild;
  readonly port: number;
}

/** @throws {@link EmbeddedServerError} `server.start_failed` or `server.data_in_use` */
export async function startNativeServer(
  options: ResolvedStartServerOptions,
  program: NativeProgram,
): Promise<EmbeddedServer> {
  const { dataDir } = options;
  const folder =
    dataDir === undefined ? DataFolder.temporary() : await DataFolder.claim(dataDir, "native");
  try {
    const launched = await launch(options, program, folder);
    launched.child.release();
    const durability = await readDurability(launched.port, folder);
    void warnOfCrash(launched.child, program, options.onWarning);
    void launched.child.exited.then(() => folder.release());
    return new NativeServer(launched, `${program.name} ${program.version}`, durability);
  } catch (error) {
    folder.release();
    throw error;
  }
}

class NativeServer implements EmbeddedServer {
  readonly kind = "native";
  readonly url: string;
  readonly description: string;
  readonly pid: number;
  readonly exited: EmbeddedServer["exited"];
  readonly #child: ServerChild;

  constructor({ child, port }: Launched, name: string, durability: string) {
    this.#child = child;
    this.url = `redis://127.0.0.1:${port}`;
    this.pid = child.pid ?? 0;
    this.exited = child.exited;
    this.description = `${name} on 127.0.0.1:${port}, ${durability}`;
  }

  async close(): Promise<void> {
    await this.#child.stop((child) => child.kill("SIGTERM"));
  }

  kill(): void {
    this.#child.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function launch(
  options: ResolvedStartServerOptions,
  program: NativeProgram,
  folder: DataFolder,
): Promise<Launched> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port || (await findFreePort());
    const child = spawnServer(program, folder, [...baseArgs(port, folder), ...options.extraArgs]);
    if (await isReady(child, port)) return { child, port };
    child.kill();
    await child.exited;
    const isPortTaken = /address already in use/i.test(child.lastOutput);
    if (isPortTaken && options.port === 0 && attempt < PORT_ATTEMPTS) continue;
    throw new EmbeddedServerError(
      "server.start_failed",
      `${program.path} did not start on port ${port} with its data in ${folder.path}. ` +
        `It printed:\n${child.lastOutput}`,
    );
  }
}

function baseArgs(port: number, folder: DataFolder): string[] {
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder.path,
    appendonly: "yes",
    appendfsync: "everysec",
    save: "",
    "maxmemory-policy": "noeviction",
    daemonize: "no",
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

function spawnServer(
  program: NativeProgram,
  folder: DataFolder,
  args: readonly string[],
): ServerChild {
  const spawned = spawn(program.path, args, {
    // Its own session: Ctrl-C in a terminal then reaches only our process, which stops its own work
    // first and the server last.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const child = new ServerChild(spawned);
  if (child.pid !== undefined) {
    folder.assignTo(child.pid);
    const watch = new ParentWatch(child.pid, folder.isTemporary ? folder.path : undefined);
    void child.exited.then(() => watch.dismiss());
  }
  return child;
}

async function isReady(child: ServerChild, port: number): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!child.hasExited && Date.now() < deadline) {
    const [pong, info] = await ask(port, [["PING"], ["INFO", "server"]]);
    // Somebody else's server may sit on the port, while ours is about to give up on it.
    const isOurs = readInfoField(info ?? null, "process_id") === String(child.pid);
    if (pong === "PONG" && isOurs) return true;
    await delay(READY_POLL_MS);
  }
  return false;
}

async function ask(port: number, commands: readonly string[][]): Promise<Reply[]> {
  try {
    return await askServer(new URL(`redis://127.0.0.1:${port}`), commands, ANSWER_TIMEOUT_MS);
  } catch {
    // Not listening yet; whoever asks looks again.
    return [];
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Asked from the server, because further arguments may have changed it. */
async function readDurability(port: number, folder: DataFolder): Promise<string> {
  const [appendOnly, sync] = await ask(port, [
    ["CONFIG", "GET", "appendonly"],
    ["CONFIG", "GET", "appendfsync"],
  ]);
  const place = folder.isTemporary ? "a temporary folder, removed when it stops" : folder.path;
  if (configValue(appendOnly) !== "yes") return `no append-only file: a crash can lose everything`;
  switch (configValue(sync)) {
    case "always":
      return `append-only file synced at every write in ${place}: a crash loses nothing acknowledged`;
    case "everysec":
      return (
        `append-only file synced every second in ${place}: a crash of the server loses nothing, ` +
        `one of the machine can lose the last second`
      );
    default:
      return `append-only file synced by the system in ${place}: a crash of the machine can lose more than a second`;
  }
}

function configValue(reply: Reply | undefined): Reply | undefined {
  return Array.isArray(reply) ? (reply[1] as Reply) : undefined;
}

async function warnOfCrash(
  child: ServerChild,
  program: NativeProgram,
  onWarning: (message: string) => void,
): Promise<void> {
  const { exitCode, signal } = await child.exited;
  if (exitCode === 0 || signal === "SIGKILL") return;
  onWarning(`${program.name} has crashed (${exitCode ?? signal}):\n${child.lastOutput}`);
}
