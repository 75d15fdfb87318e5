import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { frameOf } from "./code-frame.ts";

async function setUp(name: string) {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "code frame (")));
  onTestFinished(async () => await rm(directory, { recursive: true, force: true }));
  const file = join(directory, name);
  await writeFile(file, "one\ntwo\n\tthree();\nfour\nfive\nsix\n");
  return { directory, file };
}

const FRAME = (name: string): string =>
  [
    `${name}:3:2`,
    "    1 | one",
    "    2 | two",
    "  > 3 | \tthree();",
    "      | \t^",
    "    4 | four",
    "    5 | five",
  ].join("\n");

test.each([
  ["a path", (file: string) => `    at three (${file}:3:2)`],
  ["a URL", (file: string) => `    at ${pathToFileURL(file).href}:3:2`],
  ["an asynchronous one", (file: string) => `    at async ${file}:3:2`],
])("%s is found behind what is not the user's own", async (_, toLine) => {
  const { directory, file } = await setUp("code.ts");
  const stack = [
    "Error: it is (not) here:1:1",
    "    at node:internal/modules/run_main:104:5",
    `    at there (${directory}/node_modules/x/index.js:3:2)`,
    `    at gone (${directory}/gone.ts:3:2)`,
    toLine(file),
  ].join("\n");

  expect(frameOf(stack, directory)).toBe(FRAME("code.ts"));
});

test("a stack without a line of the user's own has no frame", async () => {
  const { directory } = await setUp("code.ts");

  expect(frameOf("", directory)).toBeUndefined();
  expect(frameOf("Error: x\n    at node:internal/x:1:1", directory)).toBeUndefined();
});
