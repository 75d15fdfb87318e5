/**
 * Loads the WebAssembly server for a while, the way BullMQ and restarting clients would, and prints
 * what becomes of its memory and its sockets: `npm run soak -w packages/embedded -- --minutes 60`.
 *
 * Needs Linux, whose /proc tells both from outside.
 */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type EmbeddedServer, startServer } from "../src/index.ts";
import { Queue, QueueEvents, Worker } from "bullmq";

const ROUND_MS = 500;
const JOBS_PER_ROUND = 500;
const CONNECTS_PER_ROUND = 50;
/** Until then memory grows because the load itself builds up. */
const WARM_UP_MS = 20_000;

interface Sample {
  readonly at: string;
  readonly rssMb: number;
  readonly sockets: number;
  readonly jobs: number;
  readonly connects: number;
  readonly worstRoundMs: number;
}

interface Load {
  jobs: number;
  connects: number;
  worstRoundMs: number;
}

const { values } = parseArgs({ options: { minutes: { type: "string", default: "5" } } });
const durationMs = Number(values.minutes) * 60_000;
const dataDir = mkdtempSync(join(tmpdir(), "embedded-soak-"));
const server = await startServer({ kind: "wasm", dataDir });
print(server.description);

const samples = await soak();
for (const [from, to] of [samples.slice(0, 2), samples.slice(1)]) {
  if (from === undefined || to === undefined) continue;
  const growth = `${to.rssMb - from.rssMb} MB, ${to.sockets - from.sockets} sockets`;
  print(`growth from ${from.at} to ${to.at}: ${growth}`);
}
await server.close();
rmSync(dataDir, { recursive: true });

async function soak(): Promise<Sample[]> {
  const load: Load = { jobs: 0, connects: 0, worstRoundMs: 0 };
  const connection = { url: server.url, maxRetriesPerRequest: null };
  const queue = new Queue("soak", { connection });
  const events = new QueueEvents("soak", { connection });
  const worker = new Worker("soak", () => Promise.resolve(load.jobs++), {
    connection,
    concurrency: 50,
  });
  const startedAt = Date.now();
  const collected: Sample[] = [];
  const due = [WARM_UP_MS, (WARM_UP_MS + durationMs) / 2, durationMs];
  while (collected.length < due.length) {
    await runRound(queue, load);
    if (Date.now() - startedAt < (due[collected.length] ?? 0)) continue;
    collected.push(takeSample(["start", "middle", "end"][collected.length] ?? "", load));
  }
  await Promise.all([worker.close(), events.close(), queue.close()]);
  return collected;
}

async function runRound(queue: Queue, load: Load): Promise<void> {
  const startedAt = performance.now();
  const jobs = Array.from({ length: JOBS_PER_ROUND }, (_, n) => ({
    name: "job",
    data: { n, text: "x".repeat(500) },
    opts: { removeOnComplete: 1_000, delay: n % 10 === 0 ? 100 : 0 },
  }));
  await queue.addBulk(jobs);
  for (let i = 0; i < CONNECTS_PER_ROUND; i++) await visit(i % 2 === 0);
  load.connects += CONNECTS_PER_ROUND;
  const tookMs = performance.now() - startedAt;
  load.worstRoundMs = Math.max(load.worstRoundMs, Math.round(tookMs));
  await delay(Math.max(0, ROUND_MS - tookMs));
}

async function visit(isPolite: boolean): Promise<void> {
  const socket = connectTcp(Number(new URL(server.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write("PING\r\n");
  await once(socket, "data");
  if (isPolite) socket.end();
  else socket.resetAndDestroy();
  await once(socket, "close");
}

function takeSample(at: string, load: Load): Sample {
  const sample = { at, rssMb: readRssMb(server), sockets: countSockets(server), ...load };
  print(
    `${at}: ${sample.rssMb} MB resident, ${sample.sockets} sockets, ${sample.jobs} jobs done, ` +
      `${sample.connects} connects, slowest round ${sample.worstRoundMs} ms`,
  );
  return sample;
}

function readRssMb({ pid }: EmbeddedServer): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

function countSockets({ pid }: EmbeddedServer): number {
  const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      // Closed since the folder was listed.
      return "";
    }
  });
  return targets.filter((target) => target.startsWith("socket:")).length;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
