/** What is sent again, when, and what becomes of it: against a `fetch` that does as a test says. */
import { describe, expect, test } from "vitest";
import { WorkflowsApiError, WorkflowsClient, WorkflowsConnectionError } from "../src/index.ts";
import type { ClientOptions } from "../src/index.ts";
import { delayBeforeRetry, readRetryAfter } from "../src/retries.ts";

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

type Reply = (sent: Sent) => Response | Promise<Response>;

/** Answers with each in turn, and with the last one from then on. */
function setup(replies: readonly Reply[], options: Partial<ClientOptions> = {}) {
  const sent: Sent[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const reply = replies[Math.min(sent.length, replies.length - 1)];
    const each = { url, init };
    sent.push(each);
    if (!reply) throw new Error("no reply");
    return await reply(each);
  };
  const client = new WorkflowsClient({
    url: "http://server.test",
    fetch: fetch as typeof globalThis.fetch,
    ...options,
  });
  return { client, sent };
}

const found: Reply = () =>
  Response.json({ success: true, errors: [], messages: [], result: { name: "w" } });

const fails =
  (status: number, headers: Record<string, string> = { "retry-after": "0" }): Reply =>
  () => {
    const errors = [{ code: 10_001, message: "failed" }];
    return Response.json(
      { success: false, errors, messages: [], result: null },
      { status, headers },
    );
  };

const breaks: Reply = () => {
  throw new TypeError("fetch failed");
};

describe("a call that may be repeated", () => {
  test.each([
    ["the server is limiting", fails(429)],
    ["the server failed", fails(500)],
    ["Redis is away", fails(503)],
  ])("is, when %s", async (_, reply) => {
    const { client, sent } = setup([reply, reply, found]);

    expect(await client.workflows.get("w")).toEqual({ name: "w" });
    expect(sent).toHaveLength(3);
  });

  test("is, when the connection breaks", async () => {
    const { client, sent } = setup([breaks, found]);

    await client.workflows.get("w");

    expect(sent).toHaveLength(2);
  });

  test("is not, when the server refuses", async () => {
    const { client, sent } = setup([fails(404)]);

    await expect(client.workflows.get("w")).rejects.toMatchObject({ status: 404, attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  test("is repeated as often as it is to be, and fails as it failed last", async () => {
    const { client, sent } = setup([breaks, fails(503)], { retries: 3 });

    const error = await client.workflows.get("w").catch((e: unknown) => e);

    expect(sent).toHaveLength(4);
    expect(error).toBeInstanceOf(WorkflowsApiError);
    expect(error).toMatchObject({ status: 503, attempts: 4 });
    await expect(client.workflows.get("w", { retries: 0 })).rejects.toThrow("503");
    expect(sent).toHaveLength(5);
  });
});

describe("a call that may have been carried out", () => {
  test("is not repeated, so that no event is sent twice", async () => {
    for (const reply of [breaks, fails(503)]) {
      const { client, sent } = setup([reply, found]);

      await expect(client.instances.sendEvent("w", "a", { type: "go" })).rejects.toThrow(
        "sendEvent",
      );
      expect(sent).toHaveLength(1);
    }
  });

  test("is, when it was limited and so was not", async () => {
    const { client, sent } = setup([fails(429), found]);

    await client.instances.sendEvent("w", "a", { type: "go" });

    expect(sent).toHaveLength(2);
  });

  test("is, when who calls says that it may be", async () => {
    const { client, sent } = setup([breaks, found]);

    await client.instances.pause("w", "a", { isRepeatable: true });

    expect(sent).toHaveLength(2);
  });
});

describe("a create without an id", () => {
  const taken: Reply = () => {
    const errors = [{ code: 10_405, message: "instance.already_exists" }];
    const body = { success: false, errors, messages: [], result: null };
    return Response.json(body, { status: 400 });
  };

  test("is repeated under the same id", async () => {
    const { client, sent } = setup([breaks, found]);

    await client.instances.create("w");

    const [first, second] = sent.map(({ init }) => JSON.parse(String(init.body)) as unknown);
    expect(first).toEqual({ instance_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(second).toEqual(first);
  });

  test("whose first try worked although its answer got lost answers what it created", async () => {
    const details: Reply = ({ url }) => {
      const result = url.includes("/instances/")
        ? { status: "running", versionId: "v", trigger: { source: "api" } }
        : { id: "the workflow" };
      return Response.json({ success: true, errors: [], messages: [], result });
    };
    const { client, sent } = setup([breaks, taken, details]);

    const created = await client.instances.create("w");

    expect(created).toEqual({
      id: (JSON.parse(String(sent[0]?.init.body)) as { instance_id: string }).instance_id,
      status: "running",
      version_id: "v",
      workflow_id: "the workflow",
      trigger_source: "api",
    });
  });

  test("is told when an id of its own is taken", async () => {
    const { client } = setup([taken]);

    await expect(client.instances.create("w", { instance_id: "a" })).rejects.toMatchObject({
      code: 10_405,
    });
  });
});

describe("how long to wait", () => {
  const failure = { isRepeatable: true, attempts: 1 };

  test("is what the server says, up to a minute", () => {
    expect(delayBeforeRetry({ ...failure, status: 429, retryAfterMs: 7_000 })).toBe(7_000);
    expect(delayBeforeRetry({ ...failure, status: 429, retryAfterMs: 61_000 })).toBeUndefined();
  });

  test("doubles otherwise, part of it by chance", () => {
    const delay = (attempts: number, chance: number) =>
      delayBeforeRetry({ ...failure, attempts }, () => chance);

    expect([1, 2, 3, 10].map((attempts) => delay(attempts, 1))).toEqual([250, 500, 1_000, 8_000]);
    expect(delay(1, 0)).toBe(125);
  });

  test.each([
    ["3", 3_000],
    ["0.5", 500],
    ["Thu, 01 Jan 1970 00:00:10 GMT", 9_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["soon", undefined],
  ])("is read from `Retry-After: %s` as %s ms", (text, ms) => {
    expect(readRetryAfter(new Headers({ "retry-after": text }), 1_000)).toBe(ms);
  });
});

describe("time and signals", () => {
  const hangs: Reply = async ({ init }) =>
    await new Promise((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error));
    });

  test("an attempt that takes too long is given up", async () => {
    const { client } = setup([hangs], { timeout: 5, retries: 0 });

    const error = await client.workflows.get("w").catch((e: unknown) => e);

    expect(error).toBeInstanceOf(WorkflowsConnectionError);
    expect(error).toMatchObject({ isTimeout: true, message: expect.stringContaining("5 ms") });
  });

  test("a connection that is refused says so", async () => {
    const refused: Reply = () => {
      const causes = [new Error("connect ECONNREFUSED ::1:9"), new Error("another")];
      throw new TypeError("fetch failed", { cause: new AggregateError(causes) });
    };
    const { client } = setup([refused], { retries: 0 });

    const call = client.workflows.get("w");

    await expect(call).rejects.toThrow(/could not be reached: connect ECONNREFUSED ::1:9$/);
  });

  test("a signal ends a call, with its reason", async () => {
    const { client } = setup([hangs]);
    const controller = new AbortController();
    const reason = new Error("enough");

    const call = client.workflows.get("w", { signal: controller.signal });
    controller.abort(reason);

    await expect(call).rejects.toBe(reason);
    await expect(client.workflows.get("w", { signal: controller.signal })).rejects.toBe(reason);
  });

  test("a signal ends the wait before a retry", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const limited = fails(429, { "retry-after": "60" });
    const { client, sent } = setup([
      (each) => {
        setImmediate(() => controller.abort(reason));
        return limited(each);
      },
    ]);

    await expect(client.workflows.get("w", { signal: controller.signal })).rejects.toBe(reason);
    expect(sent).toHaveLength(1);
  });
});

test("what is no such server is told as that", async () => {
  const page = () => new Response("<html>", { headers: { "content-type": "text/html" } });
  const other = () => Response.json({ hello: 1 });

  await expect(setup([page], { retries: 0 }).client.workflows.get("w")).rejects.toThrow(
    "something else than JSON",
  );
  await expect(setup([other]).client.workflows.get("w")).rejects.toThrow("no server of BullMQ");
});

test("a token goes to the server that was named, and is in no error", async () => {
  const { client, sent } = setup([fails(401)], { token: "bwt_secret" });

  const error = await client.workflows.get("w").catch((e: unknown) => e);

  expect(sent[0]?.init).toMatchObject({
    redirect: "error",
    headers: { authorization: "Bearer bwt_secret" },
  });
  expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain("secret");
});

test.each([
  ["http://a.test", "http://a.test/client/v4/accounts/default/workflows/w"],
  ["http://a.test/", "http://a.test/client/v4/accounts/default/workflows/w"],
  ["https://a.test/api/", "https://a.test/api/accounts/default/workflows/w"],
])("a server at %s is called at %s", async (url, called) => {
  const { client, sent } = setup([found], { url });

  await client.workflows.get("w");

  expect(sent[0]?.url).toBe(called);
});

test.each(["", "nonsense", "ftp://a.test"])("a server cannot be at %j", (url) => {
  const create = (): WorkflowsClient => new WorkflowsClient({ url });

  expect(create).toThrow(TypeError);
  expect(create).toThrow(`Expected \`url\` to begin with http: or https:, got \`${url}\``);
});
