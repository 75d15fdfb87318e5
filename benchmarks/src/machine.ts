/** On what it ran: figures without it mean nothing. */
import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import {
  arch,
  availableParallelism,
  cpus,
  loadavg,
  platform,
  release,
  tmpdir,
  totalmem,
} from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { median } from "./measure.ts";

const SYNCED_WRITES = 100;
const WRITE_BYTES = 512;

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Median ms of a write of 512 bytes and its fsync, in the folder where Redis keeps its data. */
  readonly syncedWriteMs: number;
  /** Processes that wanted a core when it began: above the benchmark's own, others were measured too. */
  readonly loadBefore: number;
  readonly commit: string;
  /** Which file of the package was measured. */
  readonly measured: string;
}

export async function describeMachine(): Promise<Machine> {
  const [processor] = cpus();
  return {
    processor: processor?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    syncedWriteMs: await measureSyncedWrite(),
    loadBefore: loadavg()[0] ?? 0,
    commit: await readCommit(),
    measured: findMeasured(),
  };
}

export function machineLines(machine: Machine): readonly (readonly [string, string])[] {
  return [
    ["processor", `${machine.processor}, ${machine.cores} cores`],
    ["memory", `${machine.memoryGb} GB`],
    ["system", machine.system],
    ["Node", machine.node],
    ["synced write", `${machine.syncedWriteMs.toFixed(2)} ms for ${WRITE_BYTES} bytes`],
    ["load before", machine.loadBefore.toFixed(2)],
    ["commit", machine.commit],
    ["measured", machine.measured],
  ];
}

async function measureSyncedWrite(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "bench-sync-"));
  const file = await open(join(folder, "file"), "w");
  const block = Buffer.alloc(WRITE_BYTES, 1);
  const times: number[] = [];
  for (let i = 0; i < SYNCED_WRITES; i++) {
    const from = performance.now();
    await file.write(block);
    await file.datasync();
    times.push(performance.now() - from);
  }
  await file.close();
  await rm(folder, { recursive: true });
  return median(times);
}

async function readCommit(): Promise<string> {
  try {
    const git = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)("git", args)).stdout.trim();
    const commit = await git("rev-parse", "--short", "HEAD");
    const changes = await git("status", "--porcelain", "--", "packages");
    return changes === "" ? commit : `${commit}, with changes in packages/`;
  } catch {
    return "unknown";
  }
}

function findMeasured(): string {
  const path = createRequire(import.meta.url).resolve("bullmq-workflows");
  return path.slice(Math.max(0, path.lastIndexOf("packages/")));
}
