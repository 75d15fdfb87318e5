/** Wrangler's verbs, each against a server with a token and straight at Redis. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import { openAuditLog } from "@bullmq-workflows/server";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { callCli, setStage } from "./support/stage.ts";
import type { Called } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

/** Charges, which fails at first, then waits to be paid. */
class Orders extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{ item?: string }>, step: WorkflowStep) {
    const charge = { retries: { limit: 2, delay: 1 } };
    await step.do("charge", charge, async ({ attempt }) => {
      if (attempt === 1) throw new Error("no funds");
      return { charged: event.payload.item ?? "nothing" };
    });
    const paid = await step.waitForEvent<{ by: string }>("payment", { type: "paid" });
    return { item: event.payload.item, by: paid.payload.by };
  }
}

type Run = (...words: string[]) => Promise<Called>;

interface Shop {
  readonly run: Run;
  readonly json: (...words: string[]) => Promise<unknown>;
  /** Resolves when `describe` has the instance in this status. */
  readonly reaches: (id: string, status: string) => Promise<void>;
}

type Way = "a server with a token" | "Redis";

async function openShop(way: Way): Promise<Shop> {
  const stage = setStage(redis);
  stage.engine.register(Orders, { name: "orders" });
  await stage.engine.ready();
  const run = await runnerFor(way, stage);
  const json = async (...words: string[]): Promise<unknown> => {
    const { code, said, warned } = await run(...words, "--json");
    expect({ code, warned }).toEqual({ code: 0, warned: "" });
    return JSON.parse(said);
  };
  return {
    run,
    json,
    reaches: async (id, status) => {
      await eventually(async () => {
        expect(await json("workflows", "instances", "describe", "orders", id)).toMatchObject({
          status,
        });
      });
    },
  };
}

async function runnerFor(way: Way, stage: ReturnType<typeof setStage>): Promise<Run> {
  if (way === "Redis") return async (...words) => await callCli([...words, ...stage.redisFlags]);
  const { url, token } = await stage.startServer();
  return async (...words) => await callCli([...words, "--url", url, "--token", token]);
}

describe.each<Way>(["a server with a token", "Redis"])("at %s", (way) => {
  test("workflows are listed and described", async () => {
    const { run, json } = await openShop(way);

    expect((await run("workflows", "list")).said).toMatch(
      /^Showing 1 workflow from page 1:\nName +Script name .*\norders /,
    );
    expect(await json("workflows", "list")).toMatchObject([{ name: "orders" }]);
    expect((await run("workflows", "list", "--page", "9")).said).toBe(
      "No workflows found on page 9. Please try a smaller page number.",
    );
    expect((await run("workflows", "describe", "orders")).said).toMatch(
      /Name: +orders\n[^]*Class Name: +Orders\n[^]*Instances:\n {2}none\n\nLatest Version:\nId: /,
    );
    expect(await json("workflows", "describe", "orders")).toMatchObject({
      name: "orders",
      latest_version: { class_name: "Orders" },
    });
  });

  test("an instance is triggered, described, sent an event, and ends", async () => {
    const { run, reaches } = await openShop(way);

    expect(await run("workflows", "trigger", "orders", '{"item":"tea"}', "--id", "o-1")).toEqual({
      code: 0,
      said: '🚀 Workflow instance "o-1" has been queued successfully',
      warned: "",
    });
    await reaches("o-1", "waiting");
    const open = await run("workflows", "instances", "describe", "orders", "latest");
    expect(open.said).toMatch(/Instance Id: +o-1\n/);
    expect(open.said).toMatch(/Status: +⏰ Waiting\n/);
    expect(open.said).toMatch(/charge-1 +🎯 Step .*✅ Success, 1 failed before\n/);
    expect(open.said).toMatch(/payment-1 +👀 Waiting for event .*⏰ Waiting for "paid"/);
    expect(open.said).toMatch(/Timeline\n {2,}0─+.*\ncharge-1 .*\npayment-1 +░/);
    expect(open.said).toMatch(/Attempts of charge-1\n[^]*❌ Error +Error: no funds\n/);
    expect(open.said).toContain('charge-1: {"charged":"tea"}');

    const sent = ["send-event", "orders", "latest", "--type", "paid", "--payload", '{"by":"card"}'];
    expect((await run("workflows", "instances", ...sent)).said).toBe(
      '📤 The event with type "paid" and payload "{"by":"card"}" was sent to the instance "o-1" from orders',
    );
    await reaches("o-1", "complete");
    const ended = await run("workflows", "instances", "describe", "orders", "--no-step-output");
    expect(ended.said).toMatch(/Success: +✅ Yes\n/);
    expect(ended.said).not.toContain("charged");
  });

  test("an instance is paused, resumed, restarted and terminated", async () => {
    const { run, reaches } = await openShop(way);
    await run("workflows", "trigger", "orders", "--id", "o-1");
    await reaches("o-1", "waiting");
    const command = async (...words: string[]): Promise<string> => {
      const { said, warned } = await run("workflows", "instances", ...words);
      return said + warned;
    };

    expect(await command("pause", "orders", "o-1")).toBe(
      '⏸️ The instance "o-1" from orders was paused successfully',
    );
    await reaches("o-1", "paused");
    expect(await command("resume", "orders", "latest")).toBe(
      '🔄 The instance "o-1" from orders was resumed successfully',
    );
    await reaches("o-1", "waiting");
    const from = ["--from-step-name", "payment", "--from-step-type", "waitForEvent"];
    expect(await command("restart", "orders", "o-1", ...from)).toBe(
      '🥷 The instance "o-1" from orders was restarted successfully',
    );
    await reaches("o-1", "waiting");
    expect(await command("terminate", "orders", "o-1")).toBe(
      '🥷 The instance "o-1" from orders was terminated successfully',
    );
    await reaches("o-1", "terminated");
    expect(await command("terminate", "orders", "o-1")).toBe(
      'The instance "o-1" has ended: it cannot be terminated.',
    );
  });

  test("what has ended is not said to be paused or resumed, and takes no events", async () => {
    const { run, reaches } = await openShop(way);
    await run("workflows", "trigger", "orders", "--id", "o-1");
    await reaches("o-1", "waiting");
    await run("workflows", "instances", "terminate", "orders", "o-1");
    await reaches("o-1", "terminated");

    for (const verb of ["pause", "resume"]) {
      const { code, said } = await run("workflows", "instances", verb, "orders", "o-1");
      expect(code).toBe(0);
      expect(said).toBe(
        `The instance "o-1" from orders has ended (terminated): there is nothing to ${verb}`,
      );
    }
    const event = ["send-event", "orders", "o-1", "--type", "paid"];
    const { code, warned } = await run("workflows", "instances", ...event);
    expect(code).toBe(1);
    expect(warned).toContain('The instance "o-1" is not running: it takes no events');
  });

  test("instances are listed by status and time, in pages, and upside down", async () => {
    const { run, json, reaches } = await openShop(way);
    for (const id of ["o-1", "o-2", "o-3"]) {
      await run("workflows", "trigger", "orders", "--id", id);
      await reaches(id, "waiting");
    }
    const idsOf = async (...words: string[]): Promise<string> => {
      const found = await json("workflows", "instances", "list", "orders", ...words);
      return (found as { id: string }[]).map(({ id }) => id).join(" ");
    };

    expect(await idsOf()).toBe("o-3 o-2 o-1");
    expect(await idsOf("--reverse")).toBe("o-1 o-2 o-3");
    expect(await idsOf("--page", "2", "--per-page", "2")).toBe("o-1");
    expect(await idsOf("--status", "complete")).toBe("");
    const today = new Date().toISOString().slice(0, 10);
    expect(await idsOf("--date-start", today, "--date-end", today)).toBe("o-3 o-2 o-1");
    expect(await idsOf("--date-end", "2020-01-01")).toBe("");
    const { said } = await run("workflows", "instances", "list", "orders", "--status", "waiting");
    expect(said).toMatch(/^Showing 3 instances from page 1:\nInstance ID +Version +Created/);
    expect(said).toMatch(/\no-2 .*⏰ Waiting\n/);
  });

  test("instances are deleted by ids, and by a file, and what was not there is said", async () => {
    const { run } = await openShop(way);
    for (const id of ["o-1", "o-2"]) await run("workflows", "trigger", "orders", "--id", id);
    const directory = await writeProject({ "ids.json": ["o-2", "o-9"] });
    const remove = ["workflows", "instances", "delete", "orders"];

    expect(await run(...remove, "o-1")).toMatchObject({
      code: 0,
      said: '🗑️  Deleted workflow instances from "orders": "o-1"',
    });
    const { code, said } = await run(...remove, "--filename", join(directory, "ids.json"));
    expect(code).toBe(1);
    expect(said).toMatch(/"orders": "o-2"\n"o-9" was not deleted: .*not_found/);
  });

  test("all are terminated, and a workflow is deleted with them", async () => {
    const { run, json, reaches } = await openShop(way);
    for (const id of ["o-1", "o-2"]) await run("workflows", "trigger", "orders", "--id", id);
    await reaches("o-1", "waiting");

    const { said } = await run("workflows", "instances", "terminate-all", "orders");
    expect(said).toContain(
      '🥷 A job to terminate instances from Workflow "orders" has been started.',
    );
    await reaches("o-1", "terminated");
    await reaches("o-2", "terminated");
    expect((await run("workflows", "delete", "orders")).said).toContain(
      '✅ Workflow "orders" removed successfully.',
    );
    expect(await json("workflows", "list")).toEqual([]);
  });

  test("what there is not, or cannot be done, is said with what to do", async () => {
    const { run } = await openShop(way);
    const describeOne = ["workflows", "instances", "describe", "orders"];

    expect(await run("workflows", "describe", "fly")).toMatchObject({
      code: 3,
      said: "",
      warned: expect.stringMatching(/^There is no workflow "fly" at .*workflows list/),
    });
    expect(await run(...describeOne, "o-9")).toMatchObject({
      code: 3,
      warned: 'There is no instance "o-9" of the workflow "orders".',
    });
    expect(await run(...describeOne)).toMatchObject({
      code: 3,
      warned: 'The workflow "orders" has no instances.',
    });
    await run("workflows", "trigger", "orders", "--id", "o-1");
    expect(await run("workflows", "trigger", "orders", "--id", "o-1")).toMatchObject({
      code: 1,
      warned: 'There is an instance with this id of the workflow "orders" already.',
    });
    expect(await run("workflows", "trigger", "orders", "--id", "no good")).toMatchObject({
      code: 1,
      warned: expect.stringMatching(
        /^It was refused: Workflow .*`no good`\. An id is made of up to 100 .*\. \(instance\.invalid_id\)$/,
      ),
    });
  });

  test("names and ids that would lead elsewhere lead nowhere", async () => {
    const { run, json } = await openShop(way);
    await run("workflows", "trigger", "orders", "--id", "o-1");
    const hostile = ["..", ".", "../../tokens", "a/b", "%2e%2e", "a?b#c", "\u001B[2J"];

    for (const id of hostile) {
      const { code } = await run("workflows", "instances", "terminate", "orders", id);
      expect([id, code]).toEqual([id, id === ".." || id === "." ? 2 : 3]);
      expect((await run("workflows", "delete", id)).code).not.toBe(0);
    }
    expect(await json("workflows", "list")).toMatchObject([{ name: "orders" }]);
  });
});

test("params stay what they are, also texts that look like numbers", async () => {
  const { json } = await openShop("Redis");

  for (const params of ['"7"', "7", "null", "[1]", '{"a":"\\u001b"}']) {
    const { id } = (await json("workflows", "trigger", "orders", params)) as { id: string };
    expect(await json("workflows", "instances", "describe", "orders", id)).toMatchObject({
      params: JSON.parse(params),
    });
  }
});

test("straight at Redis, what is done to many is done when the command ends, and is on record", async () => {
  const stage = setStage(redis);
  const orders = stage.engine.register(Orders, { name: "orders" });
  await stage.engine.ready();
  for (let i = 0; i < 150; i++) await orders.create({ id: `o-${i}` });
  const all = ["workflows", "instances", "terminate-all", "orders"];

  expect((await callCli([...all, ...stage.redisFlags])).code).toBe(0);
  expect(await orders.counts()).toMatchObject({ terminated: 150 });
  const records = await openAuditLog(stage.engine).read({ limit: 10 });
  expect(records).toContainEqual(
    expect.objectContaining({
      principal: "cli",
      operation: "terminateInstances",
      userAgent: expect.stringMatching(/^bullmq-workflows-cli\/\d/),
    }),
  );
});

test("what is destructive is asked about, and only done when the answer is yes", async () => {
  const stage = setStage(redis);
  stage.engine.register(Orders, { name: "orders" });
  await stage.engine.ready();
  const remove = ["workflows", "delete", "orders", ...stage.redisFlags];

  for (const answer of ["", "n", "what"]) {
    const { code, warned } = await callCli(remove, { answer });
    expect(code).toBe(1);
    expect(warned).toMatch(/^Delete the workflow "orders" .* \[y\/N\]\nNothing was done\.$/);
  }
  expect(await callCli(remove, { answer: "y" })).toMatchObject({ code: 0 });
});

test("a file of ids has to be one", async () => {
  const directory = await writeProject({ "ids.json": { no: "list" } });
  await writeFile(join(directory, "broken.json"), "[");
  const remove = ["workflows", "instances", "delete", "orders", "--redis", "redis://127.0.0.1:1"];
  const failureOf = async (...words: string[]): Promise<Called> =>
    await callCli([...remove, ...words]);

  expect(await failureOf()).toMatchObject({ code: 2 });
  expect(await failureOf("--filename", join(directory, "ids.json"))).toMatchObject({
    code: 2,
    warned: expect.stringContaining("to be a list of ids, as JSON"),
  });
  expect(await failureOf("--filename", join(directory, "broken.json"))).toMatchObject({ code: 2 });
  expect(await failureOf("--filename", join(directory, "none.json"))).toMatchObject({
    code: 1,
    warned: expect.stringContaining("cannot be read"),
  });
});
