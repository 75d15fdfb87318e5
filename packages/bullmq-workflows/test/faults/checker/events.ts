/** Every event is delivered exactly once, in order per type (I4). */
import { decodeEntry } from "../../../src/model/history.ts";
import { decodePayload } from "../../../src/model/payload.ts";
import { linesOf } from "../ledger.ts";
import type { LineOf } from "../ledger.ts";
import { groupByInstance } from "./evidence.ts";
import type { Evidence, Finding, StoredInstance } from "./evidence.ts";

interface Parcel {
  readonly number: number;
  readonly id: string;
}

export function checkEvents({ lines, stored, expected }: Evidence): readonly Finding[] {
  const sent = groupByInstance(linesOf(lines, "sent"));
  const sending = groupByInstance(linesOf(lines, "sending"));
  const findings: Finding[] = [];
  for (const [instance, record] of stored) {
    for (const [type, last] of Object.entries(expected.get(instance)?.events ?? {})) {
      const ofType = <Line extends { readonly eventType: string }>(all: readonly Line[] = []) =>
        all.filter(({ eventType }) => eventType === type);
      const found = findWrongs({
        type,
        last,
        record,
        parcels: parcelsOf(record, type),
        sent: ofType(sent.get(instance)),
        sending: ofType(sending.get(instance)),
      });
      findings.push(...found.map((finding) => ({ ...finding, instance })));
    }
  }
  return findings;
}

interface Delivery {
  readonly type: string;
  /** The number whose arrival ends the wait for the type. */
  readonly last: number;
  readonly record: StoredInstance;
  readonly parcels: readonly Parcel[];
  readonly sent: readonly LineOf<"sent">[];
  readonly sending: readonly LineOf<"sending">[];
}

function findWrongs(delivery: Delivery): readonly Finding[] {
  const { type, last, record, parcels, sent, sending } = delivery;
  const ids = parcels.map(({ id }) => id);
  const findings: Finding[] = [];
  for (const [index, id] of ids.entries()) {
    if (ids.indexOf(id) !== index) {
      findings.push({ kind: "event_twice", text: `"${id}" was delivered again` });
    }
    if (sending.every((line) => line.id !== id)) {
      findings.push({ kind: "event_twice", text: `"${id}" was delivered and never sent` });
    }
  }
  // One whose answer got lost may come late: only those that are known to have arrived have an order.
  const order = sent.map(({ id }) => id);
  const arrived = ids.map((id) => order.indexOf(id)).filter((at) => at !== -1);
  if (arrived.some((at, index) => at < (arrived[index - 1] ?? -1))) {
    findings.push({ kind: "event_order", text: `${type} was delivered as ${ids.join(", ")}` });
  }
  // Once the wait for the type is over, or the instance has ended early, nobody takes the rest.
  const isOver = parcels.some(({ number }) => number === last) || record.status === "terminated";
  const revivals = new Set(sending.filter(({ isRevival }) => isRevival).map(({ id }) => id));
  const lastSure = order.findLastIndex((id) => ids.includes(id));
  for (const [index, id] of order.entries()) {
    if (ids.includes(id) || revivals.has(id)) continue;
    if (isOver && index > lastSure) continue;
    findings.push({ kind: "lost_event", text: `"${id}" was sent and never delivered` });
  }
  return findings;
}

function parcelsOf({ history }: StoredInstance, type: string): readonly Parcel[] {
  return history.flatMap(({ text }): Parcel[] => {
    const entry = decodeEntry(text);
    if (entry.type !== "wait_completed" || entry.eventType !== type) return [];
    return [decodePayload(JSON.stringify(entry.payload)) as Parcel];
  });
}
