/**
 * `npm run study:search -w benchmarks`: how long lists and searches take among many instances, a million unless told
 * otherwise, each created through the store of the library itself on a Redis of its own.
 *
 * What is timed is one call of the store from a client beside Redis: a page, or for what has to be looked
 * for one look. Nothing else runs. `--count 100000` takes fewer instances.
 */
import { parseArgs } from "node:util";
import { startServer } from "@bullmq-workflows/embedded";
import { WorkflowEngine } from "bullmq-workflows";
import { openNamespace } from "bullmq-workflows/internal";
import type { ListRequest, Store } from "bullmq-workflows/internal";
import { Redis } from "ioredis";
import { median, quantile } from "../measure.ts";
import { populate } from "./population.ts";

const ROUNDS = 200;
const PAGE = 25;

const WORKFLOW = { name: "many", settings: { className: "Many", scriptName: "bench" } };

type Ask = (store: Store) => Promise<unknown>;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { count: { type: "string", default: "1000000" } } });
  const count = Number(values.count);
  const server = await startServer({ kind: "native" });
  const engine = new WorkflowEngine({ connection: server.url, mode: "client" });
  const namespace = openNamespace(engine);
  try {
    const { store } = namespace.open(WORKFLOW);
    const startedAt = performance.now();
    await populate(store, count, (line) => void process.stderr.write(`${line}\n`));
    const seconds = (performance.now() - startedAt) / 1_000;
    print(`${count} instances in ${seconds.toFixed(0)} s, ${await memoryOf(server.url, count)}\n`);
    print("| what | median ms | 99 % ms | found |\n| --- | ---: | ---: | ---: |");
    for (const [what, ask] of await asks(store, count)) print(await measure(what, store, ask));
  } finally {
    await namespace.close();
    await engine.close();
    await server.close();
  }
}

async function measure(what: string, store: Store, ask: Ask): Promise<string> {
  const times: number[] = [];
  let found = "";
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    const answer = await ask(store);
    times.push(performance.now() - startedAt);
    found = describe(answer);
  }
  return `| ${what} | ${median(times).toFixed(2)} | ${quantile(times, 0.99).toFixed(2)} | ${found} |`;
}

function describe(answer: unknown): string {
  const { instances, total } = (answer ?? {}) as { instances?: readonly unknown[]; total?: number };
  if (!instances) return "";
  return total === undefined ? `${instances.length}` : `${instances.length} of ${total}`;
}

async function asks(store: Store, count: number): Promise<readonly (readonly [string, Ask])[]> {
  const half = Math.floor(count / 2);
  const list = (request: Omit<ListRequest, "limit">): Ask => {
    return async (each) => await each.instances.list({ limit: PAGE, ...request });
  };
  const { cursor = "", instances } = await store.instances.list({ limit: 1, skip: half });
  const createdTo = instances[0]?.createdAt ?? 0;
  return [
    ["the first page", list({})],
    ["a page by cursor, in the middle", list({ cursor })],
    ["the same by number", list({ skip: half + 1 })],
    ["the errored ones", list({ statuses: ["errored"] })],
    ["by a tag that 10 have", list({ labels: ["tag:rare"] })],
    ["by a tag that half of all have", list({ labels: ["tag:half"] })],
    ["… of these the errored ones", list({ labels: ["tag:half"], statuses: ["errored"] })],
    ["by a field of params that 1,000 have", list({ labels: ["params.customer=c-7"] })],
    ["… of these with the tag of half", list({ labels: ["params.customer=c-7", "tag:half"] })],
    ["by a text in the error", list({ error: "declined" })],
    ["by a text that no error has: one look at 1,000", list({ error: "nowhere" })],
    ["by an id prefix that none has: one look at 1,000", list({ idPrefix: "none" })],
    ["… in the middle of the time", list({ idPrefix: "none", createdTo })],
    ["counts by status", async (each) => await each.instances.counts()],
    ["how the line stands", async (each) => await each.insights.queue()],
    ["where an instance is", async (each) => await each.insights.whereabouts(`i-${half}`)],
  ];
}

async function memoryOf(url: string, count: number): Promise<string> {
  const client = new Redis(url);
  const info = await client.info("memory");
  client.disconnect();
  const bytes = Number(/used_memory:(\d+)/.exec(info)?.[1]);
  return `${(bytes / 1_048_576).toFixed(0)} MiB of Redis, ${Math.round(bytes / count)} bytes each`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
