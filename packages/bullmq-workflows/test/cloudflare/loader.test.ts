import { execFile } from "node:child_process";
import { copyFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const FIXTURES = fileURLToPath(new URL("fixtures/", import.meta.url));
const LOADER = "bullmq-workflows/cloudflare";

async function node(imports: readonly string[], file: string): Promise<unknown> {
  const flags = ["--conditions=@bullmq-workflows/source", "--no-warnings"];
  const { stdout } = await run(
    process.execPath,
    [...flags, ...imports.flatMap((name) => ["--import", name]), file],
    { cwd: FIXTURES },
  );
  return JSON.parse(stdout);
}

/** The same file in a package that is CommonJS: tsx compiles its imports to `require`. */
beforeAll(async () => {
  await copyFile(`${FIXTURES}same-classes.ts`, `${FIXTURES}commonjs/same-classes.ts`);
});

afterAll(async () => {
  await rm(`${FIXTURES}commonjs/same-classes.ts`);
});

test.each(["same-classes.ts", "commonjs/same-classes.ts"])(
  "%s finds one copy of every class under both names",
  async (file) => {
    expect(await node(["tsx", LOADER], file)).toEqual({
      isSameEntrypoint: true,
      isSameError: true,
      extendsOurs: true,
    });
  },
);

test("without the loader the modules are unknown", async () => {
  await expect(node(["tsx"], "same-classes.ts")).rejects.toThrow(/cloudflare:/);
});
