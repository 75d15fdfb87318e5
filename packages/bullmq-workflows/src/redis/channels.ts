/**
 * The channels that scripts publish to; docs/store.md lists them, `lib/keys.lua` builds the same names.
 */
import type { InstanceResult } from "../engine/ports/instances.ts";
import type { ControlMessage, EndNotice } from "../engine/ports/notices.ts";
import type { StatusChange } from "../engine/ports/status-feed.ts";

export function finishedChannel(tag: string): string {
  return `${tag}:finished`;
}

export function historyChannel(tag: string, instanceId: string): string {
  return `${tag}:history:${instanceId}`;
}

export function workerChannel(tag: string, workerId: string): string {
  return `${tag}:worker:${workerId}`;
}

/** `<type> <fence> <id>` */
export function parseControlMessage(message: string): ControlMessage {
  const [type, fence = "", ...id] = message.split(" ");
  return {
    instanceId: id.join(" "),
    type: type === "revoked" ? "revoked" : "news",
    fence: Number(fence),
  };
}

/** `<id>`, and where `run` ended with a short result a line break and `<fence> <status> <result>`. */
export function parseEndNotice(message: string): EndNotice {
  const idEnd = message.indexOf("\n");
  if (idEnd < 0) return { instanceId: message };
  const fenceEnd = message.indexOf(" ", idEnd);
  const statusEnd = message.indexOf(" ", fenceEnd + 1);
  const text = message.slice(statusEnd + 1);
  const isComplete = message.slice(fenceEnd + 1, statusEnd) === "complete";
  const result: InstanceResult = isComplete
    ? { status: "complete", output: text }
    : { status: "errored", error: text };
  const fence = Number(message.slice(idEnd + 1, fenceEnd));
  return { instanceId: message.slice(0, idEnd), end: { fence, result } };
}

export function feedChannel(tag: string): string {
  return `${tag}:feed`;
}

/** `<status> <at> <id>`; an id may have spaces in it. */
export function parseStatusChange(message: string): StatusChange {
  const [status, at = "", ...id] = message.split(" ");
  return { instanceId: id.join(" "), status: status as StatusChange["status"], at: Number(at) };
}
