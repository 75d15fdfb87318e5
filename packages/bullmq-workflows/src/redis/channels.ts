/**
 * The channels that scripts publish to; docs/store.md lists them, `lib/keys.lua` builds the same names.
 */
import type { ControlMessage } from "../engine/ports.ts";

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
