/** Finding instances, understanding them, and doing one thing to many. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { CTRL_C, openSession } from "./support/pty.ts";
import { callCli, setStage } from "./support/stage.ts";
import type { Called, Stage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

interface Params {
  readonly customer?: string;
  readonly fails?: boolean;
}

class Orders extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    if (event.payload.fails) throw new Error("no funds");
    return await step.waitForEvent("payment", { type: "paid", timeout: "1 hour" });
  }
}

interface Shop extends Stage {
  readonly flags: readonly string[];
  readonly run: (...words: string[]) => Promise<Called>;
}

async function openShop(way: string): Promise<Shop> {
  const stage = setStage(redis);
  const orders = stage.engine.register(Orders, { name: "orders", searchable: ["customer"] });
  await stage.engine.ready();
  const create = async (id: string, params: Params, tags: string[]): Promise<void> => {
    await orders.create({ id, params, tags });
  };
  await create("a-1", { customer: "c-7" }, ["vip"]);
  await create("a-2", { customer: "c-8" }, ["vip", "eu"]);
  await create("b-1", { customer: "c-7", fails: true }, []);
  await eventually(async () => {
    expect(await orders.counts()).toMatchObject({ waiting: 2, errored: 1 });
  });
  const { url, token } = await stage.startServer();
  const flags = way === "Redis" ? stage.redisFlags : ["--url", url, "--token", token];
  return { ...stage, flags, run: async (...words) => await callCli([...words, ...flags]) };
}

describe.each(["a server with a token", "Redis"])("at %s", (way) => {
  test("instances are found by what is known of them", async () => {
    const { run } = await openShop(way);
    const find = async (...words: string[]): Promise<string> => {
      const { said } = await run("search", "orders", ...words, "--json");
      return (JSON.parse(said) as { id: string }[]).map(({ id }) => id).join(" ");
    };

    expect(await find()).toBe("b-1 a-2 a-1");
    expect(await find("--oldest", "--limit", "2")).toBe("a-1 a-2");
    expect(await find("--tag", "vip")).toBe("a-2 a-1");
    expect(await find("--tag", "vip", "--tag", "eu")).toBe("a-2");
    expect(await find("--param", "customer=c-7")).toBe("b-1 a-1");
    expect(await find("--status", "errored", "--status", "waiting", "--id-prefix", "a-")).toBe(
      "a-2 a-1",
    );
    expect(await find("--error", "No Funds")).toBe("b-1");
    expect(await find("--ended-end", "2020-01-01")).toBe("");
    const shown = await run("search", "orders", "--limit", "1", "--tag", "vip");
    expect(shown.said).toMatch(
      /^Found 1 instance:\n[^]*\na-2 .*⏰ Waiting +.*vip.*\nThere are more: --limit shows them.$/,
    );
  });

  test("why says what an instance waits for", async () => {
    const { run } = await openShop(way);

    expect((await run("why", "orders", "a-1")).said).toMatch(/of type "paid" until/);
    const { said } = await run("why", "orders", "a-1", "--json");
    expect(JSON.parse(said)).toMatchObject({ code: "waiting_for_event" });
    expect((await run("why", "orders", "none")).code).toBe(3);
  });

  test("who runs what, and how the line stands", async () => {
    const { run } = await openShop(way);

    expect((await run("workflows", "workers")).said).toMatch(
      /^ID +Host +PID .*\n.*orders \(\d+ of 100\)$/,
    );
    const { said } = await run("workflows", "queue", "orders");
    expect(said).toMatch(
      /^Running: +\d+\nWaiting: +0\n[^]*Workers: +1 live worker, for 100 at once$/,
    );
  });

  test("a bulk action is tried out, done, and listed", async () => {
    const { run } = await openShop(way);
    const terminate = ["bulk", "start", "terminate", "orders", "--tag", "vip"];

    const trial = await run(...terminate, "--dry-run");
    expect(trial.said).toBe(
      "terminate would meet 2 instances. Nothing was done.\nThe first of them:\n  a-1\n  a-2",
    );
    expect((await run("bulk", "list", "orders")).said).toContain("There are no bulk actions");
    const done = await run(...terminate);
    expect(done).toMatchObject({
      code: 0,
      said: expect.stringMatching(
        /^Bulk action \S+ \(terminate\) is complete: 2 done, 0 with nothing to do, 0 failed\.$/,
      ),
    });
    expect((await run("bulk", "list", "orders")).said).toMatch(/terminate +complete .* 2 done/);
    expect((await run("search", "orders", "--status", "terminated")).said).toMatch(/^Found 2 /);
  });

  test("an event goes to all, and a slow action is cancelled", async () => {
    const { run } = await openShop(way);
    const refresh = [
      "bulk",
      "start",
      "send-event",
      "orders",
      "--all",
      "--type",
      "paid",
      "--payload",
      '{"by":1}',
    ];
    expect((await run(...refresh)).said).toContain("2 done, 1 with nothing to do");

    const unknown = await run("bulk", "cancel", "orders", "none");
    expect(unknown).toMatchObject({
      code: 3,
      warned: 'There is no bulk action "none" of the workflow "orders".',
    });
  });
});

test("Ctrl-C leaves a bulk action to go on, which another command ends", async () => {
  const { run, flags } = await openShop("a server with a token");
  const slow = ["bulk", "start", "restart", "orders", "--all", "--rate", "1", "-y"];
  const session = openSession([...slow, ...flags]);

  await session.shows(/\d+ %: \d done/);
  session.type(CTRL_C);
  expect(await session.ended).toBe(130);
  const [, id = ""] = /bulk cancel orders (\S+)`/.exec(session.raw) ?? [];
  expect((await run("bulk", "cancel", "orders", id)).said).toMatch(/is (cancelled|complete)/);
});

test.each([
  ["nothing that says which", ["restart"], "or --all"],
  ["a rollback of what is none", ["restart", "--all", "--rollback"], "goes with terminate"],
  ["an event without a type", ["send-event", "--all"], "--type is missing"],
  ["a payload for no event", ["pause", "--all", "--payload", "{}"], "go with send-event"],
  ["a param without a value", ["pause", "--param", "customer"], "such as customer=7"],
])("%s is refused", async (_, [action = "", ...words], text) => {
  const start = ["bulk", "start", action, "orders", ...words, "--redis", "redis://127.0.0.1:9"];

  expect(await callCli(start)).toMatchObject({ code: 2, warned: expect.stringContaining(text) });
});
