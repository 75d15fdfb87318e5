/** Finds out from the audit log who paused an instance. */
import type { AuditCall, AuditLog, AuditRecord } from "./access/audit-log.ts";

/** Entries that are looked through, from the pause back. Who paused it before those is not told. */
const PAGE = 500;
const PAGES = 4;

/** The pause is on record before it settles; by so much the clocks may differ, in ms. */
const SLACK_MS = 2_000;

export interface PausedInstance {
  readonly namespace: string;
  readonly workflow_name: string;
  readonly instance_id: string;
}

/**
 * The principal of the last call that paused it, or that paused many of its workflow. `undefined` when code
 * did, or the last call that changed it did something else.
 */
export async function findWhoPaused(
  audit: Pick<AuditLog, "read">,
  instance: PausedInstance,
  pausedAt: number,
): Promise<string | undefined> {
  const details = new Map<string, Readonly<Record<string, unknown>>>();
  let before = `${pausedAt + SLACK_MS}-0`;
  for (let page = 0; page < PAGES; page++) {
    const entries = await audit.read({ limit: PAGE, before });
    for (const entry of entries) {
      if (entry.type === "detail") details.set(entry.call, entry.detail);
      const detail = isAbout(entry, instance) ? details.get(entry.id) : undefined;
      const asked = detail && (detail["status"] ?? detail["action"]);
      if (asked !== undefined && entry.type === "call") {
        return asked === "pause" ? entry.principal : undefined;
      }
    }
    const last = entries.at(-1);
    if (entries.length < PAGE || !last) return undefined;
    before = last.id;
  }
  return undefined;
}

function isAbout(entry: AuditRecord, instance: PausedInstance): entry is AuditCall & AuditRecord {
  if (entry.type !== "call" || entry.namespace !== instance.namespace) return false;
  const { workflow_name: workflow, instance_id: id } = instance;
  const path = toPath(entry.path);
  if (entry.operation === "changeStatus") {
    return path.endsWith(`/workflows/${workflow}/instances/${id}/status`);
  }
  return entry.operation === "startBulk" && path.endsWith(`/workflows/${workflow}/bulk`);
}

function toPath(path: string): string {
  const trimmed = path.replace(/\/$/, "");
  try {
    return decodeURIComponent(trimmed);
  } catch {
    // It was cut in the middle of a character.
    return trimmed;
  }
}
