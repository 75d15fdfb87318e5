/**
 * Every operation of the document, called with whatever its schemas allow and with what they do not.
 *
 * Whatever is sent: no 5xx, no hang, and an answer of the form that the document has for its status. The seed
 * is another one each time; `FUZZ_SEED` sets it, `FUZZ_RUNS` how many calls each operation gets of each kind.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { toDocument } from "../src/openapi/document.ts";
import type { DocumentedOperation } from "../src/openapi/document.ts";
import { ROUTES } from "../src/routes.ts";
import { conformingCall, hostileCall } from "./support/arbitraries.ts";
import type { Facts, FuzzedCall } from "./support/arbitraries.ts";
import { contractOf } from "./support/contract.ts";
import { json, setStage, workflowOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 0x7fffffff);

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 40);

/** Of a few dozen calls of an operation with many parameters it may be that none fits. */
const ROUNDS_AT_MOST = 20;

/** A machine with too much to do is not a hang: what comes late, but comes, is judged by what it cost. */
const HANG_MS = 60_000;

/** What a call may cost this process, in ms of its processors, engine and test included. */
const COST_AT_MOST_MS = 8_000;

const TIMEOUT_MS = Math.max(120_000, RUNS * 1_000);

const BASE = "/client/v4";

const DOCUMENT = toDocument(ROUTES, { basePath: BASE, version: "0.0.0" });

const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([template, item]) =>
  Object.entries(item)
    .filter((entry): entry is [string, DocumentedOperation] => entry[0] !== "servers")
    .map(([method, operation]) => ({ id: operation.operationId, template, method, operation })),
);

const TEXT_OF_STEPS = "x".repeat(12_000);

/** Something of everything that operations are about. */
async function setup() {
  const webhooks = { deliver: false, allowLoopback: true };
  const stage = await setStage(redis, { bodyLimit: 100_000, rateLimit: false, webhooks });
  const binding = stage.engine.register(
    workflowOf(async (step, { payload }) => {
      await step.do("long", () => TEXT_OF_STEPS);
      if (payload === "wait") await step.waitForEvent("go", { type: "go" });
      return payload;
    }),
    { name: "w" },
  );
  await stage.engine.ready();
  await (await binding.create({ id: "done", params: 1 })).result();
  await binding.create({ id: "waiting", params: "wait" });
  await (await binding.create({ id: "paused", params: "wait" })).pause();
  // Nobody listens there.
  const made = await stage.call("/webhooks", json("POST", { url: "http://127.0.0.1:9/" }));
  const versions = await stage.call("/workflows/w/versions");
  const [version] = versions.body.result as unknown as readonly { readonly id: string }[];
  const plan = { action: "pause", filter: { status: ["errored"] } };
  const bulk = await stage.call("/workflows/w/bulk", json("POST", plan));
  expect([made, versions, bulk].flatMap(({ body }) => body.errors)).toEqual([]);
  return {
    ...stage,
    versionId: String(version?.id),
    bulkId: String(bulk.body.result["id"]),
    webhookId: String(made.body.result["id"]),
  };
}

function factsOf(
  { template, operation }: (typeof OPERATIONS)[number],
  { versionId, bulkId, webhookId }: Readonly<Record<"versionId" | "bulkId" | "webhookId", string>>,
): Facts {
  const known = {
    account_id: ["default"],
    workflow_name: ["w"],
    instance_id: ["done", "waiting", "paused"],
    version_id: [versionId],
    bulk_id: [bulkId],
    cursor: ["1:done"],
    page: ["1"],
    webhook_id: [webhookId],
    event_type: ["go"],
    name: ["long-1", "go-1"],
    type: ["step"],
    attempt: ["1"],
  };
  const fields = { instances: [["done"], ["none", "paused"]] };
  return { document: DOCUMENT, template, operation, known, fields };
}

interface Outcome {
  readonly status: number;
  readonly wrong: string | undefined;
}

async function send(server: Stage["server"], method: string, call: FuzzedCall): Promise<Outcome> {
  const url = `http://localhost${BASE}${call.path}${call.query === "" ? "" : `?${call.query}`}`;
  const { headers, body } = call;
  const request = new Request(url, { method, headers, ...(body !== undefined && { body }) });
  const before = process.cpuUsage();
  const response = await within(server.fetch(request, { remoteAddress: "127.0.0.1" }));
  const { user, system } = process.cpuUsage(before);
  const cost = `${Math.round((user + system) / 1_000)} ms of the processors`;
  const what = `${method} ${url} ${JSON.stringify({ headers, body })}`;
  if (!response) return { status: 0, wrong: `no answer in ${HANG_MS} ms, ${cost}: ${what}` };
  const { status } = response;
  if (user + system > COST_AT_MOST_MS * 1_000) return { status, wrong: `it took ${cost}: ${what}` };
  if (status >= 500) return { status, wrong: `${status} ${await response.text()}` };
  const isStream = response.headers.get("content-type") !== "application/json";
  if (isStream) await response.body?.cancel();
  const { pathname } = new URL(url);
  const mediaType = response.headers.get("content-type")?.split(";")[0] ?? "";
  const text = isStream ? "" : await response.text();
  const answer = { method, pathname, status, mediaType, text };
  return { status, wrong: contractOf(DOCUMENT).violation(answer) };
}

async function within<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), HANG_MS);
  });
  return await Promise.race([answer, hang]).finally(() => clearTimeout(timer));
}

describe.each(OPERATIONS)("$id", (each) => {
  const method = each.method.toUpperCase();

  test("withstands what its schemas allow, and does it", { timeout: TIMEOUT_MS }, async () => {
    const statuses = await fuzz(each, method, conformingCall, (seen) => seen.has(200));

    // Or these would all be calls about things that are not there.
    expect([...statuses]).toContain(200);
  });

  test("withstands what its schemas do not allow", { timeout: TIMEOUT_MS }, async () => {
    const statuses = await fuzz(each, method, hostileCall, (seen) => seen.size > 0);

    expect(statuses.size).toBeGreaterThan(0);
  });
});

/** Answers the statuses that calls were answered with. Calls on, up to a limit, until these are enough. */
async function fuzz(
  each: (typeof OPERATIONS)[number],
  method: string,
  callOf: (facts: Facts) => fc.Arbitrary<FuzzedCall>,
  isEnough: (seen: ReadonlySet<number>) => boolean,
): Promise<ReadonlySet<number>> {
  const { server, ...ids } = await setup();
  const statuses = new Set<number>();
  let isHung = false;
  const property = fc.asyncProperty(callOf(factsOf(each, ids)), async (call) => {
    // Nothing simpler is looked for: each try would take as long again, and the test would end without a word.
    if (isHung) return;
    const { status, wrong } = await send(server, method, call);
    isHung = status === 0;
    statuses.add(status);
    expect(wrong, each.id).toBeUndefined();
  });
  for (let round = 0; round < ROUNDS_AT_MOST; round++) {
    await fc.assert(property, { seed: SEED + round, numRuns: RUNS });
    if (isEnough(statuses)) break;
  }
  return statuses;
}
