import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const GENERATOR = join(HERE, "../../scripts/generate-lua.mjs");
const KEY_TABLE = join(HERE, "../../../../docs/store.md");

async function generate(...args: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [GENERATOR, ...args]);
}

/** A copy of the scripts with one file replaced. */
async function withScript(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "scripts-"));
  onTestFinished(async () => await rm(folder, { recursive: true }));
  await cp(join(HERE, "scripts"), join(folder, "scripts"), { recursive: true });
  await writeFile(join(folder, "scripts", name), text);
  return folder;
}

const HEADER = "--- @keys tag\n--- @returns { 'done' }\n";

test("scripts.generated.ts is what the generator makes of the scripts", async () => {
  await expect(generate("--check")).resolves.toBeUndefined();
});

test("a stale scripts.generated.ts is noticed", async () => {
  const folder = await withScript("a.lua", `${HEADER}return { 'done' }\n`);
  await writeFile(join(folder, "scripts.generated.ts"), "");

  await expect(generate("--check", folder)).rejects.toThrow("is stale");
});

test.each([
  ["is not Lua", `${HEADER}return {`],
  ['does not know "nowhere"', `${HEADER}return { nowhere }\n`],
  ["does not use its argument", `${HEADER}--- @args id\nreturn { 'done' }\n`],
  ["includes clock without using it", `${HEADER}--- @include clock\nreturn { 'done' }\n`],
  ["is included, but is not in lib", `${HEADER}--- @include nothing\nreturn { 'done' }\n`],
  ["must have `@keys tag`", "--- @returns { 'done' }\nreturn { 'done' }\n"],
  ["must say what it returns", "--- @keys tag\nreturn { 'done' }\n"],
  ["must read its arguments by name", `${HEADER}return { ARGV[1] }\n`],
  ["is longer than 120 lines", `${HEADER}${"\n".repeat(120)}return { 'done' }\n`],
])("the generator refuses a script that %s", async (complaint, text) => {
  await expect(generate(await withScript("bad.lua", text))).rejects.toThrow(complaint);
});

test("a lib may only declare locals, and has to be short", async () => {
  const free = await withScript("lib/clock.lua", "now = 1\n");
  const long = await withScript("lib/clock.lua", `local now = 1\n${"\n".repeat(40)}`);

  await expect(generate(free)).rejects.toThrow("may only declare locals");
  await expect(generate(long)).rejects.toThrow("is longer than 40 lines");
});

test("lib/keys.lua builds the keys of docs/store.md, of those types, and no other", async () => {
  const source = await readFile(join(HERE, "scripts/lib/keys.lua"), "utf8");
  const table = await readFile(KEY_TABLE, "utf8");

  const names = source.matchAll(/tag \.\. "([^"]+)"(?: \.\. (\w+))?(?: end)? -- (\w+)$/gm);
  const built = [...names].map(([, name, id, type]) => `${name}${id ? `<${id}>` : ""} ${type}`);
  const rows = [...table.matchAll(/^\| `(:[^`]+)`\s*\| (\w+)/gm)].map(
    ([, key, type]) => `${key} ${type}`,
  );
  const channels = [...table.matchAll(/`(:[^`]+)` \((?:ids|control|told)/g)].map(
    ([, key]) => `${key} channel`,
  );

  expect(built.toSorted()).toEqual([...rows, ...channels].toSorted());
  expect(source.match(/tag \.\./g)).toHaveLength(built.length);
});
