import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const run = promisify(execFile);
const packageFolder = fileURLToPath(new URL("..", import.meta.url));

test("the built package starts its server under plain Node", { timeout: 60_000 }, async () => {
  const built = await build();
  const program = `
    import { startServer } from ${JSON.stringify(pathToFileURL(join(built, "index.js")).href)};
    const server = await startServer({ kind: "wasm" });
    await server.close();
    process.stdout.write(JSON.stringify([server.description, await server.exited]));
  `;

  const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", program]);

  const [description, exit] = JSON.parse(stdout) as [string, unknown];
  expect(description).toMatch(
    /^Embedded Valkey 9\.1\.1 \(WebAssembly\) on 127\.0\.0\.1:\d+, in memory only/,
  );
  expect(exit).toEqual({ exitCode: 0, signal: null });
  expect(stderr).toBe("");
});

/** Builds into a folder of its own, from which the package's dependencies can be found. */
async function build(): Promise<string> {
  const parent = join(packageFolder, "dist");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  // Only the files: what makes later builds faster stays out of the way.
  const flags = ["--composite", "false", "--incremental", "false", "--declarationMap", "false"];
  await run(process.execPath, [tsc, "-p", packageFolder, "--outDir", folder, ...flags]);
  return folder;
}
