import { join } from "node:path";
import { expect, test } from "vitest";
import { writeProject } from "../../test/support/write-project.ts";
import { ProjectError } from "../errors.ts";
import { readProjectConfig } from "./project-config.ts";

const ORDERS = { binding: "ORDERS", name: "orders", class_name: "OrderWorkflow" };

async function read(config: object, files: object = {}, environment?: string) {
  const main = { main: "index.ts" };
  const project = { "wrangler.json": { ...main, ...config }, "index.ts": "", ...files };
  return await readProjectConfig(await writeProject(project), environment);
}

async function refusalOf(config: object, files: object = {}, environment?: string) {
  try {
    await read(config, files, environment);
  } catch (error) {
    if (error instanceof ProjectError) return error;
    throw error;
  }
  throw new Error("It was not refused");
}

test("wrangler.jsonc is read with its comments and trailing commas", async () => {
  const directory = await writeProject({
    "src/index.ts": "",
    "wrangler.jsonc": `{
      // A comment
      "name": "shop", /* and another */
      "main": "src/index.ts",
      "workflows": [{ "binding": "ORDERS", "name": "orders", "class_name": "OrderWorkflow", },],
    }`,
  });

  const config = await readProjectConfig(directory);
  expect(config).toMatchObject({
    scriptName: "shop",
    main: join(directory, "src/index.ts"),
    workflows: [{ binding: "ORDERS", name: "orders", className: "OrderWorkflow" }],
    warnings: [],
  });
});

test("wrangler.toml is read", async () => {
  const directory = await writeProject({
    "index.ts": "",
    "wrangler.toml": `
      name = "shop"
      main = "index.ts"
      [vars]
      COLOR = "red"
      [[workflows]]
      binding = "ORDERS"
      name = "orders"
      class_name = "OrderWorkflow"
      limits = { steps = 50 }
      [env.staging]
      workflows = []
    `,
  });

  const config = await readProjectConfig(directory);
  expect(config).toMatchObject({ vars: { COLOR: "red" }, workflows: [{ stepLimit: 50 }] });
  expect((await readProjectConfig(directory, "staging")).workflows).toEqual([]);
});

test("every setting of a workflow is read", async () => {
  const { workflows, warnings } = await read({
    workflows: [
      {
        ...ORDERS,
        limits: { steps: 25_000 },
        concurrency: { limit: 3 },
        schedules: ["0 * * * *", "*/5 * * * *"],
        default_retention: { success_retention: "3 days", error_retention: 60_000 },
      },
      { ...ORDERS, binding: "NIGHTLY", name: "nightly", schedules: "0 0 * * *" },
    ],
  });

  expect(warnings).toEqual([]);
  expect(workflows).toMatchObject([
    {
      stepLimit: 25_000,
      concurrencyLimit: 3,
      schedules: ["0 * * * *", "*/5 * * * *"],
      retention: { successRetention: "3 days", errorRetention: 60_000 },
    },
    { binding: "NIGHTLY", schedules: ["0 0 * * *"] },
  ]);
});

test("the exports form needs no binding, and may have one too", async () => {
  const { workflows } = await read({
    exports: {
      OrderWorkflow: { type: "workflow", name: "orders", limits: { steps: 7 } },
      Nightly: { type: "workflow", name: "nightly", concurrency: { limit: 1 } },
      Counter: { type: "durable-object" },
    },
    workflows: [ORDERS],
  });

  expect(workflows).toMatchObject([
    { name: "orders", binding: "ORDERS", className: "OrderWorkflow", stepLimit: 7 },
    { name: "nightly", className: "Nightly", concurrencyLimit: 1 },
  ]);
  expect(workflows[1]?.binding).toBeUndefined();
});

test("script_name is another Worker's, unless it is this one's", async () => {
  const { workflows } = await read({
    name: "shop",
    workflows: [
      { ...ORDERS, script_name: "shop", limits: { steps: 5 } },
      { ...ORDERS, binding: "MAILS", name: "mails", script_name: "mailer" },
    ],
  });

  expect(workflows).toMatchObject([{ stepLimit: 5 }, { externalScript: "mailer" }]);
  expect(workflows[0]?.externalScript).toBeUndefined();
});

test("a named environment inherits neither workflows nor vars, and says so", async () => {
  const config = {
    name: "shop",
    vars: { COLOR: "red" },
    workflows: [ORDERS],
    kv_namespaces: [{ binding: "CACHE" }],
    env: { staging: { vars: { COLOR: "blue" } }, live: { name: "live-shop", workflows: [ORDERS] } },
  };
  const staging = await read(config, {}, "staging");
  const live = await read(config, {}, "live");

  expect(staging).toMatchObject({
    scriptName: "shop-staging",
    workflows: [],
    otherBindings: [],
    vars: { COLOR: "blue" },
  });
  expect(staging.warnings).toEqual([
    expect.stringContaining("`kv_namespaces` is set at the top level but not in `env.staging`"),
    expect.stringContaining("`workflows` is set at the top level but not in `env.staging`"),
  ]);
  expect(live).toMatchObject({
    scriptName: "live-shop",
    workflows: [{ name: "orders" }],
    vars: {},
  });
});

test(".dev.vars stands over vars, and an environment's own file in place of it", async () => {
  const config = {
    vars: { COLOR: "red", SHAPE: { corners: 3 } },
    env: { staging: {}, live: { vars: { COLOR: "green" } } },
  };
  const files = { ".dev.vars": 'COLOR="blue"\nKEY=s3cret', ".dev.vars.live": "KEY=live" };

  expect((await read(config, files)).vars).toEqual({
    COLOR: "blue",
    SHAPE: { corners: 3 },
    KEY: "s3cret",
  });
  expect((await read(config, files, "staging")).vars).toEqual({ COLOR: "blue", KEY: "s3cret" });
  expect((await read(config, files, "live")).vars).toEqual({ COLOR: "green", KEY: "live" });
});

test.each([
  [false, "2026-11-01", []],
  [true, "2025-04-01", ["nodejs_compat"]],
  [false, "2025-03-31", ["nodejs_compat"]],
  [true, "2025-03-31", ["nodejs_compat", "nodejs_compat_populate_process_env"]],
  [false, "2026-11-01", ["nodejs_compat", "nodejs_compat_do_not_populate_process_env"]],
])("process.env has the variables: %s at %s with %j", async (fillsProcessEnv, date, flags) => {
  const config = { compatibility_date: date, compatibility_flags: flags };

  expect(await read(config)).toMatchObject({ fillsProcessEnv });
});

test("bindings of every other kind are found", async () => {
  const { otherBindings } = await read({
    kv_namespaces: [{ binding: "CACHE" }],
    d1_databases: [{ binding: "DB", database_name: "db" }],
    queues: { producers: [{ binding: "MAILS", queue: "mails" }] },
    durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter" }] },
    ai: { binding: "AI" },
    assets: { directory: "public" },
  });

  expect(otherBindings).toEqual([
    { kind: "Workers AI", name: "AI" },
    { kind: "D1 database", name: "DB" },
    { kind: "Durable Object namespace", name: "COUNTER" },
    { kind: "KV namespace", name: "CACHE" },
    { kind: "Queue producer", name: "MAILS" },
  ]);
});

test("what has no effect is said, and what needs no word is not", async () => {
  const { warnings } = await read({
    compatibility_date: "2026-11-01",
    observability: { enabled: true },
    triggers: { crons: ["* * * * *"] },
    queues: { consumers: [{ queue: "mails" }] },
    colour: "red",
    d1_database: [],
    workflows: [
      { ...ORDERS, limits: { steps: 30_000 }, jurisdiction: "eu", speed: 1, shedules: "@daily" },
    ],
  });

  expect(warnings).toEqual([
    "`workflows[0].speed` is not known, and ignored.",
    '`workflows[0].shedules` is not known, and ignored. Did you mean "schedules"?',
    expect.stringContaining("`workflows[0].limits.steps` exceeds the production maximum of 25,000"),
    expect.stringContaining("`workflows[0].jurisdiction` has no effect here"),
    expect.stringContaining("`triggers` has no effect here: nothing calls `scheduled`"),
    "`colour` has no effect here: it is not known.",
    '`d1_database` has no effect here: it is not known. Did you mean "d1_databases"?',
    "`queues.consumers`: nothing calls `queue`",
  ]);
});

test.each([
  ["a name with a dot", { name: "a.b" }, "workflows[0].name", '"a.b"'],
  ["a name of 65 characters", { name: "a".repeat(65) }, "workflows[0].name", "aaa"],
  ["no name", { name: undefined }, "workflows[0].name", "it is missing"],
  ["a binding that is no text", { binding: 7 }, "workflows[0].binding", "7"],
  [
    "a key with a slip in it",
    { name: undefined, nane: "orders" },
    "workflows[0].name",
    "it is missing. Is `nane` a slip?",
  ],
  ["no class", { class_name: "" }, "workflows[0].class_name", '""'],
  ["half a step", { limits: { steps: 1.5 } }, "workflows[0].limits.steps", "1.5"],
  ["no step", { limits: { steps: 0 } }, "workflows[0].limits.steps", "0"],
  ["no slot", { concurrency: { limit: 0 } }, "workflows[0].concurrency.limit", "0"],
  ["an empty schedule", { schedules: "" }, "workflows[0].schedules", '""'],
  ["no schedule in a list", { schedules: [] }, "workflows[0].schedules", "[]"],
  ["a blank schedule in a list", { schedules: [" "] }, "workflows[0].schedules[0]", '" "'],
  [
    "a retention of nothing",
    { default_retention: { success_retention: 0 } },
    "workflows[0].default_retention.success_retention",
    "0",
  ],
  ["an unknown jurisdiction", { jurisdiction: "moon" }, "workflows[0].jurisdiction", '"moon"'],
  ["limits that are no object", { limits: [] }, "workflows[0].limits", "[]"],
])("%s is refused with file, path and value", async (_, change, path, value) => {
  const { code, message } = await refusalOf({ workflows: [{ ...ORDERS, ...change }] });

  expect(code).toBe("project.invalid_config");
  expect(message).toContain("wrangler.json: Expected `" + path + "` to be ");
  expect(message).toContain(value);
});

test.each(["limits", "concurrency", "schedules", "default_retention", "jurisdiction"])(
  "%s of another Worker's workflow is refused",
  async (key) => {
    const { message } = await refusalOf({
      workflows: [{ ...ORDERS, script_name: "other", [key]: {} }],
    });
    expect(message).toContain(`\`workflows[0].${key}\` cannot be set`);
    expect(message).toContain('references external script "other"');
  },
);

test("two workflows of one name, and two of one binding, are refused", async () => {
  const twice = await refusalOf({ workflows: [ORDERS, { ...ORDERS, binding: "MORE" }] });
  const sameBinding = await refusalOf({ workflows: [ORDERS, { ...ORDERS, name: "more" }] });
  const twoClasses = await refusalOf({
    workflows: [ORDERS],
    exports: { Other: { type: "workflow", name: "orders" } },
  });

  expect(twice.message).toContain(
    '`workflows[0]` and `workflows[1]` have the same workflow name, "orders"',
  );
  expect(sameBinding.message).toContain('have the same binding, "ORDERS"');
  expect(twoClasses.message).toContain("two classes, OrderWorkflow and Other");
});

test("a path inside a named environment is the whole path", async () => {
  const env = { staging: { workflows: [{ ...ORDERS, name: "" }] } };

  expect((await refusalOf({ env }, {}, "staging")).message).toContain(
    "`env.staging.workflows[0].name`",
  );
});

test("an unknown environment is refused with those there are", async () => {
  const refusal = await refusalOf({ env: { staging: {}, live: {} } }, {}, "production");

  expect(refusal.code).toBe("project.invalid_option");
  expect(refusal.message).toContain('has no environment "production". It has "staging", "live".');
  const near = await refusalOf({ env: { staging: {} } }, {}, "stagin");
  expect(near.message).toContain('Did you mean "staging"?');
});

test("an entry point that is missing, absent or Python is refused", async () => {
  expect((await refusalOf({ main: undefined })).message).toContain("Expected `main` to be");
  expect((await refusalOf({ main: "gone.ts" })).message).toContain("which does not exist");
  expect((await refusalOf({ main: "entry.py" })).message).toContain("Python is not supported");
});

test("a file that cannot be read is refused with the place", async () => {
  const json = writeProject({ "wrangler.jsonc": '{\n  "name": "x",\n  "main" "y"\n}' });
  const toml = writeProject({ "wrangler.toml": "name = \"x\"\nmain = = 'y'\n" });

  await expect(readProjectConfig(await json)).rejects.toThrow(/wrangler\.jsonc: .* in line 3/);
  await expect(readProjectConfig(await toml)).rejects.toThrow(/wrangler\.toml: .* in line 2/);
});

test("a folder without configuration is refused", async () => {
  const directory = await writeProject({ "index.ts": "" });

  await expect(readProjectConfig(directory)).rejects.toThrow(
    expect.objectContaining({ code: "project.not_found" }),
  );
});
