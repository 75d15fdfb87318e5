/** Which account wrangler takes when nobody has told it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, settingsOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";
import { openWrangler } from "./support/wrangler.ts";
import type { Wrangler } from "./support/wrangler.ts";

let stage: Stage;
let wrangler: Wrangler;

beforeAll(async () => {
  stage = await openStage({ namespaces: ["default", "acme"] });
  wrangler = await openWrangler({});
});

afterAll(async () => {
  await wrangler.close();
  await stage.close();
});

// First, for it remembers the account that it took.
test("of several it wants to be told, and names them", async () => {
  const settings = await settingsOf(stage, { namespaces: "all" });
  const { code, stderr } = await wrangler.run(["workflows", "list"], settings);

  expect(code).toBe(1);
  expect(stderr).toContain("More than one account available");
  // Where nobody looks on it keeps names to itself, and tells ids.
  expect(stderr).toContain(": `acme`");
});

test("the only one that its token may use is taken", async () => {
  const settings = await settingsOf(stage, { namespaces: ["default"] });
  const { code, stdout } = await wrangler.run(["workflows", "list", "--json"], settings);

  expect({ code, stdout }).toMatchObject({ code: 0 });
  expect(JSON.parse(stdout)).toMatchObject([{ name: "orders" }]);
});

test("wrangler wanted to go nowhere else", () => {
  expect(wrangler.elsewhere).toEqual([]);
});
