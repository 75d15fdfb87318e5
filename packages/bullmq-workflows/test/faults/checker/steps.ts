/** No committed step runs again (I1), none changes, and what is recorded is what an execution returned. */
import { decodeEntry } from "../../../src/model/history.ts";
import { decodePayload } from "../../../src/model/payload.ts";
import { repetitionsIn } from "../../chaos/support/evidence.ts";
import { linesOf } from "../ledger.ts";
import type { LineOf } from "../ledger.ts";
import { groupByInstance } from "./evidence.ts";
import type { Evidence, Finding } from "./evidence.ts";
import { unawarenessIn } from "./unaware.ts";
import type { Unawareness } from "./unaware.ts";

/** What a worker knows to be on record of a step: since when, and the text. */
interface Known {
  readonly since: number;
  readonly text: string;
}

type Told = LineOf<"acked" | "claimed">;

export function checkSteps({ lines, stored }: Evidence): readonly Finding[] {
  const told = groupByInstance([...linesOf(lines, "acked"), ...linesOf(lines, "claimed")]);
  const started = groupByInstance(linesOf(lines, "started"));
  const completed = groupByInstance(linesOf(lines, "completed"));
  const findings: Finding[] = [];
  const isUnaware = unawarenessIn(lines);
  for (const [instance, own] of told) {
    findings.push(...findRepeats(instance, own, started.get(instance) ?? [], isUnaware));
  }
  for (const [instance, { history }] of stored) {
    const texts = history.map(({ text }) => text);
    for (const mark of repetitionsIn(texts.map((text) => decodeEntry(text)))) {
      findings.push({ kind: "recorded_twice", instance, text: mark });
    }
    findings.push(...findWrongValues(instance, texts, completed.get(instance) ?? []));
  }
  findings.push(...findUnstableKeys(started));
  return findings;
}

function findRepeats(
  instance: string,
  told: readonly Told[],
  started: readonly LineOf<"started">[],
  isUnaware: Unawareness,
): readonly Finding[] {
  const outcomes = new Map<string, Known>();
  const failures = new Map<string, number>();
  const findings: Finding[] = [];
  for (const { t, entries } of told.toSorted((a, b) => a.t - b.t)) {
    for (const text of entries) {
      const entry = decodeEntry(text);
      if (entry.type === "attempt_errored") {
        const attempt = `do:${entry.step} ${entry.attempt}`;
        failures.set(attempt, Math.min(t, failures.get(attempt) ?? t));
      }
      if (entry.type !== "step_completed" && entry.type !== "step_errored") continue;
      const step = `do:${entry.step}`;
      const known = outcomes.get(step);
      if (!known) outcomes.set(step, { since: t, text });
      else if (known.text !== text) {
        findings.push({
          kind: "changed_outcome",
          instance,
          text: `${step}: ${known.text} became ${text}`,
        });
      }
    }
  }
  for (const attempted of started) {
    const { step, attempt, t, by } = attempted;
    const since = Math.min(
      outcomes.get(step)?.since ?? Infinity,
      failures.get(`${step} ${attempt}`) ?? Infinity,
    );
    if (t <= since) continue;
    const text = `${by} began attempt ${attempt} of ${step} ${ms(t - since)} after it was on record`;
    const isExcused = isUnaware(attempted);
    findings.push({ kind: "repeated_step", instance, text, isUnaware: isExcused });
  }
  return findings;
}

function findWrongValues(
  instance: string,
  texts: readonly string[],
  completed: readonly LineOf<"completed">[],
): readonly Finding[] {
  const values = new Set(completed.map(({ step, value }) => `${step} ${value}`));
  return texts.flatMap((text): Finding[] => {
    const entry = decodeEntry(text);
    if (entry.type !== "step_completed") return [];
    const value = String(decodePayload(JSON.stringify(entry.output)));
    if (values.has(`do:${entry.step} ${value}`)) return [];
    return [{ kind: "wrong_value", instance, text: `${entry.step}: no execution gave ${value}` }];
  });
}

/** All executions of a step have the same idempotency key. */
function findUnstableKeys(
  started: ReadonlyMap<string, readonly LineOf<"started">[]>,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [instance, own] of started) {
    const keys = new Map<string, string>();
    for (const { step, key } of own) {
      const first = keys.get(step) ?? key;
      keys.set(step, first);
      if (first === key) continue;
      findings.push({
        kind: "wrong_value",
        instance,
        text: `${step}: idempotency key ${first}, then ${key}`,
      });
    }
  }
  return findings;
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}
