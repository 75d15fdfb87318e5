/**
 * A newcomer's first minute, measured: the packages as they would be published, a new project, `npm install`,
 * `npm run dev`, and an instance that is created over REST and completes. It needs a package registry for what
 * the packages stand on.
 *
 * With `--keep` it leaves such a project in a folder, installed and not yet run, to go on with by hand.
 *
 * Usage: npm run first-run [-- --template cloudflare] [--keep ../my-workflows]
 */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const run = promisify(execFile);

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const PACKED = [
  "bullmq-workflows",
  "embedded",
  "cloudflare",
  "server",
  "client",
  "cli",
  "create-bullmq-workflows",
];

const { values } = parseArgs({
  options: { template: { type: "string", default: "plain" }, keep: { type: "string" } },
});
const folder = await mkdtemp(join(tmpdir(), "bullmq-workflows-first-run-"));
// Neither a Redis of this machine's nor one that is named: that is what is to be shown.
const { REDIS_URL: _unused, NODE_OPTIONS: _ours, ...inherited } = process.env;
const env = { ...inherited, PATH: await pathWithoutRedis() };
try {
  if (values.keep === undefined) await measure();
  else await keep(resolve(values.keep));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const tarballs = await timed("npm pack (not part of the minute)", async () => await pack(folder));
  const startedAt = performance.now();
  const project = join(folder, "shop");
  await timed("create", async () => await create(project, tarballs));
  await timed("npm install", async () => await run("npm", ["install"], { cwd: project, env }));
  const dev = spawn("npm", ["run", "dev", "--", "--port", "0"], {
    cwd: project,
    env,
    detached: true,
  });
  try {
    const url = await timed("npm run dev, until it is ready", async () => await untilReady(dev));
    await timed("an instance, until it is complete", async () => await runInstance(url));
  } finally {
    process.kill(-Number(dev.pid), "SIGINT");
    await once(dev, "exit");
  }
  await timed("npm test", async () => await run("npm", ["test"], { cwd: project, env }));
  await timed(
    "npm run typecheck",
    async () => await run("npm", ["run", "typecheck"], { cwd: project, env }),
  );
  console.log(`In all ${seconds(performance.now() - startedAt)}`);
}

/** The packages stay inside the project: its package.json names them. */
async function keep(project: string): Promise<void> {
  const packages = join(project, "packages");
  await mkdir(project);
  await mkdir(packages);
  const tarballs = await timed("npm pack", async () => await pack(packages));
  await timed("create", async () => await create(project, tarballs));
  await timed("npm install", async () => await run("npm", ["install"], { cwd: project, env }));
  console.log(`\n  cd ${project}\n  npm run dev\n`);
}

/** As file names, by the packages' names. */
async function pack(destination: string): Promise<ReadonlyMap<string, string>> {
  const workspaces = PACKED.flatMap((name) => ["-w", `packages/${name}`]);
  const args = ["pack", "--json", "--pack-destination", destination, ...workspaces];
  const { stdout } = await run("npm", args, { cwd: REPOSITORY });
  const packed = JSON.parse(stdout) as readonly {
    readonly name: string;
    readonly filename: string;
  }[];
  return new Map(packed.map(({ name, filename }) => [name, `file:${join(destination, filename)}`]));
}

/** By the packed program; then the project's packages are the packed ones. */
async function create(project: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  const tarball = String(tarballs.get("create-bullmq-workflows")).replace("file:", "");
  await run("tar", ["-xzf", tarball, "-C", folder]);
  const program = join(folder, "package/bin/create-bullmq-workflows.js");
  await run(process.execPath, [program, basename(project), "--template", values.template], {
    cwd: dirname(project),
    env,
  });
  const file = join(project, "package.json");
  const manifest = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  const exchange = (part: unknown): object =>
    Object.fromEntries(
      Object.entries(part as object).map(([name, version]) => [
        name,
        tarballs.get(name) ?? version,
      ]),
    );
  const written = {
    ...manifest,
    dependencies: exchange(manifest["dependencies"]),
    devDependencies: exchange(manifest["devDependencies"]),
    // What the packages themselves depend on.
    overrides: Object.fromEntries([...tarballs].filter(([name]) => !isDirect(manifest, name))),
  };
  await writeFile(file, `${JSON.stringify(written, null, 2)}\n`);
}

function isDirect(manifest: Readonly<Record<string, unknown>>, name: string): boolean {
  return ["dependencies", "devDependencies"].some((part) => name in (manifest[part] as object));
}

async function untilReady(dev: ChildProcess): Promise<string> {
  let output = "";
  for (const stream of [dev.stdout, dev.stderr]) {
    stream?.on("data", (chunk: Buffer) => void (output += String(chunk)));
  }
  return await new Promise((resolve, reject) => {
    dev.stdout?.on("data", () => {
      const [, url] = /Ready on (\S+) in/.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
    dev.once("exit", () => reject(new Error(`It ended before it was ready:\n${output}`)));
  });
}

async function runInstance(url: string): Promise<void> {
  const instances = `${url}/client/v4/accounts/default/workflows/orders/instances`;
  const post = async (path: string, body: unknown): Promise<{ readonly id: string }> => {
    const response = await fetch(`${instances}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return ((await response.json()) as { readonly result: { readonly id: string } }).result;
  };
  const { id } = await post("", { params: { item: "tea", count: 2 } });
  await post(`/${id}/events/approval`, { by: "Ada" });
  for (;;) {
    const { result } = (await (await fetch(`${instances}/${id}`)).json()) as {
      readonly result: { readonly status: string; readonly error: unknown };
    };
    if (result.status === "complete") return;
    if (result.status === "errored") throw new Error(JSON.stringify(result.error));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A PATH with what npm takes, and nothing else. */
async function pathWithoutRedis(): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  for (const name of ["npm", "sh", "tar", "gzip"]) {
    const { stdout } = await run("which", [name]);
    await symlink(stdout.trim(), join(bin, name));
  }
  await symlink(process.execPath, join(bin, "node"));
  return bin;
}

async function timed<T>(what: string, act: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await act();
  console.log(`${seconds(performance.now() - startedAt).padStart(8)}  ${what}`);
  return result;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
