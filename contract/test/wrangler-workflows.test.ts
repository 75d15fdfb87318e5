/** `wrangler workflows …` against a server of ours: what it prints, and that it asks nobody else. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, createWaiting, openStage, OrderWorkflow, settingsOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";
import { openWrangler } from "./support/wrangler.ts";
import type { Wrangler } from "./support/wrangler.ts";

let stage: Stage;
let wrangler: Wrangler;

beforeAll(async () => {
  stage = await openStage();
  wrangler = await openWrangler({ ...(await settingsOf(stage)), ...ACCOUNT });
});

afterAll(async () => {
  await wrangler.close();
  await stage.close();
});

test("list shows the workflows as a table, and as JSON", async () => {
  const { code, stdout } = await wrangler.run(["workflows", "list"]);
  const json = await wrangler.json(["workflows", "list", "--per-page", "5"]);
  const past = await wrangler.run(["workflows", "list", "--page", "2"]);

  expect(code).toBe(0);
  expect(stdout).toContain("Showing 1 workflow from page 1:");
  expect(stdout).toMatch(/orders\s*│\s*bullmq-workflows\s*│\s*OrderWorkflow/);
  expect(json).toMatchObject([{ name: "orders", class_name: "OrderWorkflow" }]);
  expect(past.stderr + past.stdout).toContain("No Workflows found on page 2");
});

test("describe shows a workflow with its latest version", async () => {
  const { code, stdout } = await wrangler.run(["workflows", "describe", "orders"]);
  const json = await wrangler.json(["workflows", "describe", "orders"]);

  expect(code).toBe(0);
  expect(stdout).toMatch(/Name:\s+orders\n/);
  expect(stdout).toMatch(/Class Name:\s+OrderWorkflow/);
  expect(stdout).toMatch(/Latest Version:\s+Id:\s+[0-9a-f-]{36}/);
  expect(json).toMatchObject({ name: "orders", latest_version: { class_name: "OrderWorkflow" } });
});

test("trigger creates an instance, with params and an id of one's own", async () => {
  const params = '{"sum":7,"text":"äöü \\"quoted\\""}';
  const named = await wrangler.run(["workflows", "trigger", "orders", params, "--id", "mine"]);
  const json = await wrangler.json(["workflows", "trigger", "orders"]);

  expect(named).toMatchObject({ code: 0 });
  expect(named.stdout).toContain('Workflow instance "mine" has been queued successfully');
  expect(json).toMatchObject({ id: expect.any(String), status: "queued", trigger_source: "api" });
  const { params: kept } = (await wrangler.json([
    "workflows",
    "instances",
    "describe",
    "orders",
    "mine",
  ])) as { params: unknown };
  expect(kept).toEqual(JSON.parse(params));
});

test("trigger says why an instance was not created", async () => {
  await createWaiting(stage.orders, "taken");

  const taken = await wrangler.run(["workflows", "trigger", "orders", "{}", "--id", "taken"]);
  const unknown = await wrangler.run(["workflows", "trigger", "none"]);

  expect(taken.code).toBe(1);
  expect(taken.stderr).toContain("instance.already_exists [code: 10405]");
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("workflow.not_found [code: 10200]");
});

test("delete removes a workflow", async () => {
  stage.engine.register(OrderWorkflow, { name: "short-lived" });
  await stage.engine.ready();

  const { code, stdout } = await wrangler.run(["workflows", "delete", "short-lived"]);

  expect(code).toBe(0);
  expect(stdout).toContain('Workflow "short-lived" removed successfully');
  expect(await wrangler.json(["workflows", "list"])).toMatchObject([{ name: "orders" }]);
});

test("a token that is not valid is refused in Cloudflare's words", async () => {
  const { code, stderr } = await wrangler.run(["workflows", "list"], {
    CLOUDFLARE_API_TOKEN: "nonsense",
  });

  expect(code).toBe(1);
  expect(stderr).toContain("Authentication error");
  expect(stderr).toContain("[code: 10000]");
});

test("there is no command that nothing here tries", async () => {
  const commandsOf = async (...group: string[]) => {
    const { stdout } = await wrangler.run([...group, "--help"]);
    const found = [...stdout.matchAll(/^ +wrangler ([a-z -]+?)(?: +[<[].*|  .*)$/gm)];
    return found.map(([, command = ""]) => command.trim());
  };
  const files = readdirSync(import.meta.dirname).filter((file) => file.startsWith("wrangler-"));
  const tests = files.map((file) => readFileSync(join(import.meta.dirname, file), "utf8")).join();

  const commands = [
    ...(await commandsOf("workflows")),
    ...(await commandsOf("workflows", "instances")),
  ];

  expect(commands.length).toBeGreaterThanOrEqual(13);
  const verbs = commands.map((command) => command.split(" ").at(-1));
  expect(verbs.filter((verb) => !tests.includes(`"${verb}"`))).toEqual([]);
});

test("wrangler wanted to go nowhere else", () => {
  expect(wrangler.elsewhere).toEqual([]);
});
