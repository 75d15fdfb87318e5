/** The real wrangler, as a process that can reach nothing but this machine. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNode } from "./node-binary.ts";

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  /** Warnings and errors. */
  readonly stderr: string;
}

export interface Wrangler {
  /** What its folder is; there is no configuration in it. */
  readonly directory: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run>;
  /** What `--json` prints. @throws Error when it fails, or prints anything else. */
  json(args: readonly string[]): Promise<unknown>;
  /** Where else than to this machine it wanted to go. */
  readonly elsewhere: readonly string[];
  close(): Promise<void>;
}

const MANIFEST = createRequire(import.meta.url).resolve("wrangler/package.json");
/** What `bin/wrangler.js` starts in a process of its own. */
const SCRIPT = join(dirname(MANIFEST), "wrangler-dist/cli.js");
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url));

/** @param settings what says which server and account it is for. */
export async function openWrangler(settings: Readonly<Record<string, string>>): Promise<Wrangler> {
  const directory = await mkdtemp(join(tmpdir(), "bullmq-workflows-wrangler-"));
  const elsewhere: string[] = [];
  const proxy = await openClosedDoor(elsewhere);
  const shared = {
    PATH: process.env["PATH"] ?? "",
    HOME: directory,
    NODE_COMPILE_CACHE: CACHE,
    CI: "1",
    NO_COLOR: "1",
    TZ: "UTC",
    LANG: "C.UTF-8",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    HTTP_PROXY: proxy.url,
    HTTPS_PROXY: proxy.url,
    NO_PROXY: "127.0.0.1,localhost",
    ...settings,
  };
  const run: Wrangler["run"] = async (args, env = {}) =>
    await execute(args, directory, { ...shared, ...env });
  return {
    directory,
    elsewhere,
    run,
    async json(args) {
      const { code, stdout, stderr } = await run([...args, "--json"]);
      if (code !== 0) throw new Error(`wrangler ${args.join(" ")}: ${code}\n${stdout}${stderr}`);
      return JSON.parse(stdout) as unknown;
    },
    async close() {
      await proxy.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function execute(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Run> {
  const child = spawn(findNode(), ["--no-warnings", SCRIPT, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** A proxy that notes where somebody wants to go and lets nobody through. */
async function openClosedDoor(
  elsewhere: string[],
): Promise<{ readonly url: string; close: () => Promise<void> }> {
  const http = createServer((request, response) => {
    elsewhere.push(String(request.url));
    response.writeHead(403).end();
  });
  http.on("connect", (request, socket) => {
    elsewhere.push(String(request.url));
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
}
