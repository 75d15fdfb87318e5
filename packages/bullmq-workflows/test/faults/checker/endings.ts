/** Every instance came to the end it was meant for, by legal ways (I8, I9), and nothing is left over. */
import { decodeEntry } from "../../../src/model/history.ts";
import { isFinished } from "../../../src/model/status.ts";
import { linesOf } from "../ledger.ts";
import { groupByInstance, settledIn } from "./evidence.ts";
import type { Evidence, Finding, StoredInstance } from "./evidence.ts";

const END_ENTRIES: Readonly<Record<string, string>> = {
  workflow_completed: "complete",
  workflow_errored: "errored",
  workflow_terminated: "terminated",
};

export function checkEndings(evidence: Evidence): readonly Finding[] {
  const { stored, expected, leftovers, lines } = evidence;
  const findings: Finding[] = [];
  for (const [instance, record] of stored) {
    const wanted = expected.get(instance)?.end;
    const { status } = record;
    if (!isFinished(status)) {
      findings.push({ kind: "stuck", instance, text: `it is still ${status}` });
    } else if (status !== wanted) {
      findings.push({ kind: "wrong_end", instance, text: `it is ${status}, not ${wanted}` });
    }
    findings.push(...findWrongOutput(instance, record), ...findIllegal(instance, record));
  }
  findings.push(...findRevivals(evidence));
  for (const { worker, code } of linesOf(lines, "worker_failed")) {
    findings.push({ kind: "worker_failed", text: `${worker} ended by itself with ${code}` });
  }
  return [...findings, ...leftovers.map((text): Finding => ({ kind: "leftover", text }))];
}

/** What an instance ended with is made of what is on record. */
function findWrongOutput(instance: string, { status, output, history }: StoredInstance): Finding[] {
  if (status !== "complete") return [];
  const entries = settledIn(history.map(({ text }) => text)).map(({ entry }) => entry);
  const recorded = JSON.stringify(entries);
  const {
    values = [],
    winner = "",
    parcels = [],
  } = (output ?? {}) as {
    readonly values?: readonly string[];
    readonly winner?: string;
    readonly parcels?: readonly (readonly string[])[];
  };
  const parts = [...values, ...parcels.flat(), winner];
  const missing = parts.filter((part) => !recorded.includes(JSON.stringify(part)));
  if (values.length > 0 && missing.length === 0) return [];
  const text = `its output has ${missing.join(", ") || "no values"}, which is not on record`;
  return [{ kind: "wrong_value", instance, text }];
}

/** The history of the instance as a whole: pauses alternate with resumptions, and nothing follows an end. */
function findIllegal(instance: string, { status, history }: StoredInstance): readonly Finding[] {
  const findings: Finding[] = [];
  let isPaused = false;
  let end: string | undefined;
  for (const { text } of history) {
    const { type } = decodeEntry(text);
    const isWrong =
      end !== undefined ||
      (type === "workflow_paused" && isPaused) ||
      (type === "workflow_resumed" && !isPaused);
    if (isWrong) findings.push({ kind: "illegal_status", instance, text: `${type} after ${end}` });
    if (type === "workflow_paused") isPaused = true;
    if (type === "workflow_resumed") isPaused = false;
    end ??= END_ENTRIES[type];
  }
  const isRight = isFinished(status) ? end === status : end === undefined;
  if (!isRight) {
    findings.push({ kind: "illegal_status", instance, text: `${status}, but its history ${end}` });
  }
  return findings;
}

/** Nothing that has ended is anything else later. Answers may come late: claims have an order of their own. */
function findRevivals({ lines }: Evidence): readonly Finding[] {
  const findings: Finding[] = [];
  const claims = groupByInstance(linesOf(lines, "claimed"));
  const looks = groupByInstance(linesOf(lines, "status"));
  const finishes = linesOf(lines, "let_go").filter(({ how }) => how === "finished");
  const ends = [
    ...finishes,
    ...linesOf(lines, "status").filter(({ status }) => isFinished(status)),
  ];
  for (const [instance, own] of groupByInstance(ends)) {
    const endedAt = Math.min(...own.map(({ t }) => t));
    const look = looks.get(instance)?.find(({ status, askedAt }) => {
      return askedAt > endedAt && !isFinished(status);
    });
    const lastFence = Math.min(...own.map((line) => ("fence" in line ? line.fence : Infinity)));
    const claim = claims.get(instance)?.find(({ fence }) => fence > lastFence);
    const text = look
      ? `it was ${look.status} after it had ended`
      : "it was claimed after it had ended";
    if (look ?? claim) findings.push({ kind: "illegal_status", instance, text });
  }
  return findings;
}
