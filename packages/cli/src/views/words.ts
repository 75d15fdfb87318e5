/** Statuses, times and the like, as people read them; the words and signs are wrangler's. */
import { dim, styled } from "../text.ts";
import type { Style, Text } from "../text.ts";

/** Those that instances may be in. */
export const INSTANCE_STATUSES = [
  "queued",
  "running",
  "paused",
  "errored",
  "terminated",
  "complete",
  "waitingForPause",
  "waiting",
  "rollingBack",
] as const;

/** And the one that Cloudflare's API knows besides. */
export const STATUSES: readonly ((typeof INSTANCE_STATUSES)[number] | "unknown")[] = [
  ...INSTANCE_STATUSES,
  "unknown",
];

const STATUS: Readonly<Record<string, readonly [label: string, style: Style]>> = {
  complete: ["✅ Completed", "green"],
  errored: ["❌ Errored", "red"],
  paused: ["⏸️ Paused", "yellow"],
  queued: ["⌛ Queued", "cyan"],
  running: ["▶ Running", "blue"],
  terminated: ["🚫 Terminated", "magenta"],
  waiting: ["⏰ Waiting", "cyan"],
  waitingForPause: ["⏱️ Waiting for Pause", "yellow"],
  rollingBack: ["↩️ Rolling Back", "yellow"],
};

export function statusWords(status: string): Text {
  const [label, style] = STATUS[status] ?? ["❓ Unknown", "dim" as const];
  return styled(style, label);
}

const TRIGGER: Readonly<Record<string, string>> = {
  api: "🌎 API",
  binding: "🔗 Binding",
  cron: "⌛ Cron",
  event: "📩 Event",
};

export function triggerWords(source: string): string {
  return TRIGGER[source] ?? "❓ Unknown";
}

/** In this machine's time zone: `2026-11-25 14:03:07`. */
export function timeWords(iso: string | null): Text {
  if (iso === null) return dim("-");
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join("-");
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** The two largest units: `350 ms`, `4.2 s`, `3 m 20 s`, `2 d 5 h`. */
export function durationWords(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${Math.floor(ms / 100) / 10} s`;
  const at = UNITS.findIndex(([, unit]) => ms >= unit);
  const [[name, unit], smaller] = [UNITS[at]!, UNITS[at + 1]!];
  const rest = Math.floor((ms % unit) / smaller[1]);
  const large = `${Math.floor(ms / unit)} ${name}`;
  return rest === 0 ? large : `${large} ${rest} ${smaller[0]}`;
}

/** `1 workflow`, `2 workflows`. */
export function countWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
