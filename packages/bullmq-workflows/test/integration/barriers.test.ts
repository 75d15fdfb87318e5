/** Outcomes that wait for a replica: a primary and a replica that can be frozen. */
import { expect, onTestFinished, test } from "vitest";
import { NonRetryableError } from "../../src/index.ts";
import type { Barrier, WorkflowEngine, WorkflowEngineConfig } from "../../src/index.ts";
import type { Body } from "../support/harness.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import { startRedis } from "../support/redis.ts";

const TIMEOUT_MS = 200;

async function startStage() {
  const primary = await startRedis({ "repl-diskless-sync-delay": "0" });
  onTestFinished(async () => await primary.stop());
  const replica = await startRedis();
  onTestFinished(async () => await replica.stop());
  await replica.connect().call("REPLICAOF", "127.0.0.1", primary.port);
  const admin = primary.connect();
  await eventually(async () => {
    await admin.set("first", "1");
    expect(await admin.wait(1, 100)).toBe(1);
  });
  await admin.config("RESETSTAT");
  const engines = createRedisEngines(`redis://127.0.0.1:${primary.port}`);
  onTestFinished(async () => await engines.close());
  const started: WorkflowEngine[] = [];
  const messages: string[] = [];
  return {
    primary,
    replica,
    messages,
    /** Nobody hears of it but by the lease that runs out. */
    crash: async () => await started.at(-1)?.close({ force: true }),
    /** The lease is long: what waits here must not be taken for dead. */
    start: (body: Body, durability?: Barrier, config: Partial<WorkflowEngineConfig> = {}) => {
      const engine = engines.start({
        lease: 5_000,
        logger: (_, message, facts) => void messages.push(`${message} ${String(facts?.["error"])}`),
        ...config,
      });
      started.push(engine);
      return engine.register(workflowOf(body), {
        name: "test",
        ...(durability && { durability }),
      });
    },
  };
}

const WAITED = `not on 1 replica within ${TIMEOUT_MS} ms`;
const ENGINE_WIDE = { durability: { barrier: "replicated", timeout: TIMEOUT_MS } } as const;
const SHORT = { durability: { timeout: TIMEOUT_MS } } as const;

test("with a barrier for the engine, create waits for the replica", async () => {
  const { replica, start } = await startStage();
  const workflow = start(async () => "done", undefined, ENGINE_WIDE);
  await (await workflow.create()).result();
  let isCreated = false;

  replica.freeze();
  const creating = workflow.create().then((instance) => {
    isCreated = true;
    return instance;
  });
  await eventually(async () => expect((await workflow.counts()).complete).toBe(2));
  expect(isCreated).toBe(false);
  replica.thaw();

  expect(await (await creating).result()).toBe("done");
});

test.each<[string, Barrier | undefined, { readonly durability?: Barrier }]>([
  ["of a workflow", "replicated", {}],
  ["of a step", undefined, { durability: "replicated" }],
])(
  "an outcome under a barrier %s is not seen before the replica has it",
  async (_, durability, paid) => {
    const { replica, messages, start } = await startStage();
    const seen: string[] = [];
    const workflow = start(
      async (step) => {
        await step.do("plain", { durability: "memory" }, () => replica.freeze());
        seen.push("plain");
        await step.do("paid", paid, () => "paid");
        seen.push("paid");
      },
      durability,
      SHORT,
    );
    const instance = await workflow.create();

    await eventually(() => expect(messages.join("\n")).toContain(WAITED));
    expect(seen).toEqual(["plain"]);
    replica.thaw();

    await instance.result();
    expect(seen).toEqual(["plain", "paid"]);
  },
);

/** An outcome of a step is on record and not on the replica, and its worker is about to die. */
async function writeUnderBarrier(pay: () => Promise<unknown>) {
  const stage = await startStage();
  const { replica, primary, start } = stage;
  const seen: string[] = [];
  const body: Body = async (step) => {
    await step.do("plain", () => replica.freeze());
    await step.do("paid", { durability: "replicated" }, pay).catch(() => undefined);
    seen.push("paid");
  };
  const startWorker = () => start(body, undefined, { ...SHORT, lease: 600 });
  const instance = await startWorker().create();
  const admin = primary.connect();
  const [key = ""] = await admin.keys(`*:h:${instance.id}`);
  await eventually(async () => expect(String(await admin.lindex(key, -1))).toContain("paid-1"));
  const fence = async () => await admin.hget(key.replace(":h:", ":i:"), "fence");
  return { ...stage, instance, seen, startWorker, fence };
}

test.each([
  ["has a result", async () => "paid"],
  ["has a stream", async () => new Blob(["paid"]).stream() as unknown],
  [
    "has failed",
    async () => {
      throw new NonRetryableError("paid");
    },
  ],
])("who takes over a step that %s sees it when the replica has it", async (_, pay) => {
  const { replica, messages, crash, ...rest } = await writeUnderBarrier(pay);
  const { instance, seen, startWorker, fence } = rest;
  const fenceBefore = await fence();

  await crash();
  const successor = startWorker();
  messages.length = 0;
  await eventually(async () => expect(await fence()).not.toBe(fenceBefore));
  await eventually(() => expect(messages.join("\n")).toContain(WAITED));
  expect(seen).toEqual([]);
  replica.thaw();

  await (await successor.get(instance.id)).result();
  expect(seen).toEqual(["paid"]);
});

test("so does who takes it over when a pause is over that its worker did not live to see", async () => {
  const { replica, messages, crash, ...rest } = await writeUnderBarrier(async () => "paid");
  const { instance, seen, startWorker } = rest;
  await instance.pause();

  await crash();
  const resumed = await startWorker().get(instance.id);
  await eventually(async () => expect((await resumed.status()).status).toBe("paused"));
  messages.length = 0;
  await resumed.resume();
  await eventually(() => expect(messages.join("\n")).toContain(WAITED));
  expect(seen).toEqual([]);
  replica.thaw();

  await resumed.result();
  expect(seen).toEqual(["paid"]);
});

test("the result is told only when the replica has it", async () => {
  const { replica, start } = await startStage();
  const workflow = start(
    async (step) => await step.do("a", { durability: "memory" }, () => replica.freeze()),
    "replicated",
    SHORT,
  );
  const instance = await workflow.create();
  let isTold = false;
  const result = instance.result().then(() => (isTold = true));

  await eventually(async () => expect((await workflow.counts()).complete).toBe(1));
  await expect(instance.status()).rejects.toMatchObject({ code: "store.unavailable" });
  expect(isTold).toBe(false);
  replica.thaw();

  await result;
});

test("an outcome under a barrier does not leave together with the claim", async () => {
  const { replica, messages, start } = await startStage();
  const workflow = start(
    async (step) => {
      const sleep = step.sleep("s", 300);
      await step.do("paid", { durability: "replicated" }, () => replica.freeze());
      await sleep;
    },
    undefined,
    SHORT,
  );
  const instance = await workflow.create();

  await eventually(() => expect(messages.join("\n")).toContain(WAITED));
  // Suspended, it would be for any other worker to go on with what the replica does not have.
  expect((await workflow.counts()).running).toBe(1);
  replica.thaw();
  await instance.result();
});

test("without a barrier nothing waits and no connection is opened for it", async () => {
  const { primary, replica, start } = await startStage();
  const workflow = start(async (step) => await step.do("a", () => "done"));
  replica.freeze();

  expect(await (await workflow.create()).result()).toBe("done");
  expect(await primary.connect().info("commandstats")).not.toContain("cmdstat_wait");
});

test("a command waits too, and says that it may have happened", async () => {
  const { replica, start } = await startStage();
  const workflow = start(
    async (step) => (await step.waitForEvent<string>("e", { type: "go" })).payload,
    "replicated",
    SHORT,
  );
  const instance = await workflow.create();
  await eventually(async () => expect((await workflow.counts()).waiting).toBe(1));
  replica.freeze();

  await expect(instance.sendEvent({ type: "go", payload: "gone" })).rejects.toThrow(WAITED);
  replica.thaw();
  expect(await instance.result()).toBe("gone");
});
