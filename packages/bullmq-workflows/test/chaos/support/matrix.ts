/** The cells of the crash matrix, made of the list of probes, and how one is run. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROBES } from "../../../src/engine/probes.ts";
import type { ProbeName } from "../../../src/engine/probes.ts";
import { ADVERSITIES } from "./adversities.ts";
import type { Adversity } from "./adversities.ts";
import type { Lane } from "./lane.ts";
import { NOBODY } from "./messages.ts";
import type { Cell, Hits, Target } from "./messages.ts";
import { Stage } from "./stage.ts";
import { expectUndisturbed } from "./verdict.ts";

/** Short, so that others take over soon; long enough for a busy machine. */
const LEASE_MS = 600;

/** Sweeps are many and alike; the first ones do. */
const NOBODYS_HIT_LIMIT = 4;

export interface Case {
  readonly probe: ProbeName;
  readonly adversity: Adversity;
}

export const CASES: readonly Case[] = PROBES.flatMap((probe) =>
  ADVERSITIES.map((adversity) => ({ probe, adversity })),
);

export interface Run {
  readonly wasStruck: boolean;
  /** Processes that are no more. */
  readonly diedCount: number;
  readonly hits: Hits;
}

/** Acts out the journey, and judges it. Without a target nothing happens on it. */
export async function runCell(
  lane: Lane,
  name: string,
  plan?: { readonly target: Target; readonly adversity: Adversity },
): Promise<Run> {
  const prefix = name.replaceAll(/[^\w-]/g, "-");
  const ledger = join(lane.folder, `${prefix}.ledger`);
  const log = join(lane.folder, `${prefix}.log`);
  writeFileSync(ledger, "");
  writeFileSync(log, "");
  const { redisPort, redisPid } = lane;
  const cell: Cell = { prefix, redisPort, redisPid, ledger, log, leaseMs: LEASE_MS, ...plan };
  const stage = new Stage(lane, cell);
  try {
    await stage.act();
    await expectUndisturbed(stage.store, ledger);
    const hits = await stage.leave();
    const died = [lane.victim, lane.survivor].filter(({ isDead }) => isDead);
    return { hits, wasStruck: stage.wasStruck, diedCount: died.length };
  } catch (error) {
    console.log(
      `${name}\n${String(error)}\n${await stage.describe()}\n${readFileSync(log, "utf8")}`,
    );
    throw error;
  } finally {
    await stage.dispose();
  }
}

/** Where exactly a probe is hit: any of the subjects and times it had when nothing happened. */
export function chooseTarget(probe: ProbeName, hits: Hits, random: () => number): Target {
  const subjects = Object.entries(hits[probe] ?? {});
  const known = subjects.filter(([subject]) => subject !== NOBODY);
  const [subject, count] = pick(known.length > 0 ? known : subjects, random) ?? [NOBODY, 1];
  const limit = subject === NOBODY ? Math.min(count, NOBODYS_HIT_LIMIT) : count;
  return { probe, subject, hit: 1 + Math.floor(random() * limit) };
}

/** The first time: of the instance that comes to everything, if it is about an instance at all. */
export function safeTarget(probe: ProbeName, hits: Hits): Target {
  const subjects = Object.keys(hits[probe] ?? {});
  const subject = ["main", ...subjects].find((each) => subjects.includes(each)) ?? NOBODY;
  return { probe, subject, hit: 1 };
}

/** What each of several runs passed, for what is passed only now and then cannot be relied on. */
export function commonHits(runs: readonly Hits[]): Hits {
  const common: Record<string, Record<string, number>> = {};
  for (const [probe, subjects] of Object.entries(runs[0] ?? {})) {
    for (const subject of Object.keys(subjects)) {
      const least = Math.min(...runs.map((hits) => hits[probe]?.[subject] ?? 0));
      if (least > 0) (common[probe] ??= {})[subject] = least;
    }
  }
  return common;
}

function pick<Item>(items: readonly Item[], random: () => number): Item | undefined {
  return items[Math.floor(random() * items.length)];
}
