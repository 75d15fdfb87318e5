import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolder } from "../test/support.ts";
import { DataFolder, findDataKinds } from "./data-folder.ts";

test("a folder in use is refused, naming who uses it", async () => {
  const dataDir = createFolder();
  const folder = await DataFolder.claim(dataDir, "wasm");
  folder.assignTo(process.pid);

  await expect(DataFolder.claim(dataDir, "wasm", 0)).rejects.toMatchObject({
    code: "server.data_in_use",
    message: expect.stringContaining(`process ${process.pid}`),
  });
});

test("a folder is free once it is released, or for the other kind of server", async () => {
  const dataDir = createFolder();
  const folder = await DataFolder.claim(dataDir, "wasm", 0);
  await DataFolder.claim(dataDir, "native", 0);
  folder.release();

  const again = await DataFolder.claim(dataDir, "wasm", 0);

  expect(again.path).toBe(join(dataDir, "wasm"));
});

test("a folder counts as data of a kind only once there is something in it", async () => {
  const dataDir = createFolder();
  await DataFolder.claim(dataDir, "native");
  const { path } = await DataFolder.claim(dataDir, "wasm");

  expect(findDataKinds(dataDir)).toEqual([]);
  writeFileSync(join(path, "dump.rdb"), "");
  expect(findDataKinds(dataDir)).toEqual(["wasm"]);
});

test.each([
  ["a process that has ended", () => String(spawnSync("true").pid)],
  ["nobody, cut short by a crash", () => ""],
])("a lock left by %s does not hold", async (_, content) => {
  const dataDir = createFolder();
  const { path } = await DataFolder.claim(dataDir, "wasm");
  writeFileSync(join(path, "server.lock"), content());

  const taken = await DataFolder.claim(dataDir, "wasm", 0);

  expect(readFileSync(join(taken.path, "server.lock"), "utf8")).toContain(String(process.pid));
});

test.runIf(process.platform === "linux")(
  "a lock does not hold when its process id has since gone to another process",
  async () => {
    const dataDir = createFolder();
    const { path } = await DataFolder.claim(dataDir, "wasm");
    writeFileSync(join(path, "server.lock"), `${process.pid} 1`);

    const taken = await DataFolder.claim(dataDir, "wasm", 0);

    expect(taken.path).toBe(path);
  },
);

test("a temporary folder is removed when it is released", () => {
  const folder = DataFolder.temporary();
  folder.release();

  expect(existsSync(folder.path)).toBe(false);
});
