/** What `init` writes: it has no type errors, its test passes, and it runs as its README says. */
import { execFile } from "node:child_process";
import { readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { startServing } from "./support/api.ts";
import { runCli } from "./support/cli.ts";

vi.setConfig({ testTimeout: 120_000 });

const run = promisify(execFile);

const INSTALLED = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const TSC = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** With this repository's packages for installed ones. */
async function init(template: string): Promise<string> {
  const directory = join(await writeProject({}), "shop");
  const { code, output } = await runCli(["init", directory, "--template", template]);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("npm run dev") });
  await symlink(INSTALLED, join(directory, "node_modules"));
  return directory;
}

/** One of its scripts, as npm would run it. */
async function script(
  directory: string,
  name: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const [program = "", ...args] = String(scripts[name]).split(" ");
  const flags = program === "tsx" ? ["--import", TSX] : [];
  const { NODE_OPTIONS: _ours, REDIS_URL: _theirs, ...inherited } = process.env;
  const { stdout } = await run(process.execPath, [...flags, ...args], {
    cwd: directory,
    env: { ...inherited, ...env },
  });
  return stdout;
}

test.each(["plain", "cloudflare"])(
  "%s: it has no type errors",
  { timeout: 60_000 },
  async (template) => {
    const directory = await init(template);
    const projects = template === "plain" ? ["."] : [".", "test"];
    for (const project of projects) {
      const checked = run(process.execPath, [TSC, "-p", project], { cwd: directory });
      await expect(checked).resolves.toEqual({ stdout: "", stderr: "" });
    }
  },
);

test.each(["plain", "cloudflare"])(
  "%s: its own test passes",
  { timeout: 60_000 },
  async (template) => {
    expect(await script(await init(template), "test")).toMatch(/^# pass 1$/m);
  },
);

test("plain: an order is placed, approved and shipped while it is developed", async () => {
  const directory = await init("plain");
  const cli = await startServing(["dev", join(directory, "src/workflows.ts"), "--port", "0"]);

  const output = await script(directory, "order", { BULLMQ_WORKFLOWS_URL: cli.url });

  expect(output).toMatch(/^Order \S+ was placed\n/);
  expect(output).toMatch(/"shipped":"2 × tea".*"approvedBy":"Ada"/);
});

test("cloudflare: the same over its own handler", async () => {
  const directory = await init("cloudflare");
  const cli = await startServing(["dev", directory, "--port", "0"]);
  const call = async (path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const text = await (await fetch(`${cli.url}/orders${path}`, init)).text();
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  };

  const { id } = await call("", { item: "tea", count: 2 });
  await call(`/${String(id)}/approval`, { by: "Ada" });

  await eventually(async () => {
    expect(await call(`/${String(id)}`)).toMatchObject({
      status: "complete",
      output: "Corner Shop ships 2 × tea for 6, approved by Ada",
    });
  });
});

test("init overwrites nothing", async () => {
  const directory = await writeProject({ "package.json": { name: "mine" } });

  const { code, output } = await runCli(["init", directory]);

  expect(code).toBe(1);
  expect(output).toContain("already has package.json. Nothing was written");
  expect(await readFile(join(directory, "package.json"), "utf8")).toContain("mine");
});
