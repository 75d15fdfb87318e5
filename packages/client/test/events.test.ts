/** What a real server tells live, over connections that end and break, and that it is as its document says. */
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { OpenApiDocument } from "../../server/src/index.ts";
import { setStage, workflowOf } from "../../server/test/support/stage.ts";
import { WorkflowsClient } from "../src/index.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

async function setup() {
  const stage = await setStage(redis);
  const workflow = stage.engine.register(
    workflowOf(async (step) => {
      await step.do("first", () => 1);
      await step.waitForEvent("go", { type: "go" });
      return await step.do("last", () => 2);
    }),
    { name: "w" },
  );
  await stage.engine.ready();
  return { ...stage, workflow, client: new WorkflowsClient({ url: stage.url }) };
}

/** Passes bytes on, and can cut all connections. */
async function startProxy(url: string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const target = connect(Number(new URL(url).port), "127.0.0.1");
    for (const each of [socket, target]) {
      sockets.add(each);
      each.on("error", () => undefined);
    }
    socket.pipe(target).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut };
}

describe("a subscription", () => {
  test("tells everything once and in order, and ends with the instance", async () => {
    const { client, workflow } = await setup();
    await workflow.create({ id: "a" });
    const types: string[] = [];
    const ids: number[] = [];

    for await (const { type, eventId } of client.instances.subscribe("w", "a")) {
      types.push(type);
      ids.push(eventId);
      if (type === "wait_started") await client.instances.sendEvent("w", "a", { type: "go" });
    }

    expect(types[0]).toBe("workflow_queued");
    expect(types.at(-1)).toBe("workflow_completed");
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
  });

  test(
    "misses nothing and repeats nothing when its connection breaks",
    { timeout: 30_000 },
    async () => {
      const { workflow, url, client } = await setup();
      const proxy = await startProxy(url);
      const cutOff = new WorkflowsClient({ url: proxy.url });
      await workflow.create({ id: "a" });
      const ids: number[] = [];

      for await (const { type, eventId } of cutOff.instances.subscribe("w", "a")) {
        ids.push(eventId);
        if (type === "wait_started") {
          proxy.cut();
          await client.instances.sendEvent("w", "a", { type: "go" });
        }
      }

      const all: number[] = [];
      for await (const { eventId } of client.instances.subscribe("w", "a")) all.push(eventId);
      expect(ids).toEqual(all);
    },
  );

  test("goes on from a cursor, and tells only what it is asked for", async () => {
    const { client, workflow } = await setup();
    await workflow.create({ id: "a" });
    const types: string[] = [];

    const filter = ["step_completed", "workflow_completed"] as const;
    for await (const { type } of client.instances.subscribe("w", "a", { filter })) {
      types.push(type);
      if (types.length === 1) await client.instances.sendEvent("w", "a", { type: "go" });
    }

    expect(types).toEqual(["step_completed", "step_completed", "workflow_completed"]);
    const last = [];
    const cursor = Number.MAX_SAFE_INTEGER;
    for await (const event of client.instances.subscribe("w", "a", { cursor })) last.push(event);
    expect(last).toEqual([]);
  });

  test("to what is not there fails, and one that is left frees its connection", async () => {
    const { client, workflow, server } = await setup();
    await workflow.create({ id: "a" });

    const missing = client.instances.subscribe("w", "none");
    await expect(missing.next()).rejects.toMatchObject({ code: 10_400 });
    for await (const _ of client.instances.subscribe("w", "a")) break;

    await eventually(() => expect(server.openSubscriptions()).toBe(0));
  });

  test("tells events as the document says", async () => {
    const { client, workflow, server } = await setup();
    await workflow.create({ id: "a" });
    await (await workflow.get("a")).sendEvent({ type: "go" });
    await (await workflow.get("a")).result();
    const isEvent = itemCheck(server.document(), "subscribeInstance");

    const wrong = [];
    for await (const event of client.instances.subscribe("w", "a")) {
      if (!isEvent(event)) wrong.push(event);
    }

    expect(wrong).toEqual([]);
    expect(isEvent({})).toBe(false);
  });
});

describe("a feed", () => {
  test.each(["of a workflow", "of all workflows"])(
    "%s tells how statuses change",
    async (which) => {
      const { client, workflow, server } = await setup();
      const id = which === "of a workflow" ? "followWorkflow" : "followNamespace";
      const isEvent = itemCheck(server.document(), id);
      const controller = new AbortController();
      const options = { signal: controller.signal };
      const feed =
        id === "followWorkflow"
          ? client.workflows.follow("w", { status: ["waiting"] }, options)
          : client.follow({ status: ["waiting"] }, options);

      const first = await feed.next();
      await workflow.create({ id: "a" });
      const second = await feed.next();
      controller.abort(new Error("enough"));

      expect(first.value).toMatchObject({ type: "reset", reason: "opened" });
      expect(second.value).toMatchObject({ type: "status", instance_id: "a", status: "waiting" });
      expect([first.value, second.value].every((event) => isEvent(event))).toBe(true);
      await expect(feed.next()).rejects.toThrow("enough");
    },
  );
});

test("the history of an instance is read over its pages", async () => {
  const { client, workflow } = await setup();
  await workflow.create({ id: "a" });
  await (await workflow.get("a")).sendEvent({ type: "go" });
  await (await workflow.get("a")).result();

  expect((await client.instances.history("w", "a").toArray()).length).toBeGreaterThan(3);
});

test("webhooks are made, changed, listed and deleted", async () => {
  const { client } = await setup();
  const { webhooks } = client;

  const { id, secret } = await webhooks.create({ url: "https://hooks.example/a" });

  expect(secret).toMatch(/./);
  expect(await webhooks.list().toArray()).toMatchObject([{ id }]);
  expect((await webhooks.rotateSecret(id)).secret).not.toBe(secret);
  expect(await webhooks.deliveries(id).toArray()).toEqual([]);
  expect(await webhooks.update(id, { status: "disabled" })).toMatchObject({
    id,
    status: "disabled",
  });
  expect(await webhooks.get(id)).not.toHaveProperty("secret");
  await webhooks.delete(id);
  await expect(webhooks.get(id)).rejects.toMatchObject({ status: 404 });
});

/** Whether something is what the document says that an operation tells. */
function itemCheck(document: OpenApiDocument, id: string): (event: unknown) => boolean {
  const operations = Object.values(document.paths).flatMap((item) => (item.get ? [item.get] : []));
  const response = operations.find(({ operationId }) => operationId === id)?.responses["200"];
  const content = response && "content" in response ? response.content : undefined;
  const schema = content?.["text/event-stream"]?.schema["contentSchema"] as object;
  const ajv = new Ajv2020({ strict: false });
  return ajv.compile({ ...schema, components: document.components });
}
