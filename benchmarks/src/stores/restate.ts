/** The Restate server from its npm package, as one node with its data in a temporary folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../free-port.ts";
import type { Store } from "./store.ts";

const READY_WITHIN_MS = 60_000;
const POLL_MS = 100;
const PACKAGES = fileURLToPath(new URL("../../peers/node_modules/@restatedev", import.meta.url));

export async function startRestate(): Promise<Store> {
  const program = join(
    PACKAGES,
    `restate-server-${process.platform}-${process.arch}`,
    "bin/restate-server",
  );
  if (!existsSync(program)) {
    throw new Error(`its server is not installed for ${process.platform} ${process.arch}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "bench-restate-"));
  const [ingress, admin, node, worker] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  const child = spawn(program, ["--base-dir", folder, "--no-logo"], {
    cwd: folder,
    stdio: "ignore",
    env: {
      ...process.env,
      RESTATE_LISTEN_MODE: "tcp",
      RESTATE_BIND_IP: "127.0.0.1",
      RESTATE_BIND_PORT: String(node),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_LOG_FILTER: "error",
    },
  });
  // It would outlive a benchmark that crashed.
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const adminUrl = `http://127.0.0.1:${admin}`;
  const stop = async (): Promise<void> => {
    process.off("exit", killAtExit);
    const exit = once(child, "exit");
    if (child.exitCode === null && child.kill("SIGKILL")) await exit;
    await rm(folder, { recursive: true, force: true });
  };
  await untilHealthy(`${adminUrl}/health`).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    address: { url: `http://127.0.0.1:${ingress}`, adminUrl, workerPort: worker },
    description: "its own server, one node: a log that is synced before it answers",
    pids: child.pid === undefined ? [] : [child.pid],
    readMeters: async () => await Promise.resolve(undefined),
    stop,
  };
}

async function untilHealthy(url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const isHealthy = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isHealthy) return;
    if (Date.now() > deadline) throw new Error("restate-server did not become healthy");
    await delay(POLL_MS);
  }
}
