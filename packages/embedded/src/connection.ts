/** A connection just long enough to ask a server a few things, without a client library. */
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodeCommand, parseReply, type Reply, ReplyError } from "./resp.ts";

const DEFAULT_PORT = 6379;

/**
 * Sends `commands` to the server at `url`, after authenticating as the URL says, and returns their
 * replies. Rejects when there is no server or it stays silent.
 */
export async function askServer(
  url: URL,
  commands: readonly (readonly string[])[],
  timeoutMs: number,
): Promise<Reply[]> {
  const login = loginCommand(url);
  const socket = open(url);
  const timer = setTimeout(
    () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    await once(socket, url.protocol === "rediss:" ? "secureConnect" : "connect");
    const all = [...login, ...commands];
    for (const command of all) socket.write(encodeCommand(command));
    const replies = await readReplies(socket, all.length);
    const refusal = replies.slice(0, login.length).find((reply) => reply instanceof ReplyError);
    if (refusal !== undefined) throw new Error(refusal.message);
    return replies.slice(login.length);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function open(url: URL): Socket {
  // URL keeps the brackets of an IPv6 address.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const address = { host, port: Number(url.port || DEFAULT_PORT) };
  if (url.protocol !== "rediss:") return connectTcp(address);
  return connectTls({ ...address, servername: host });
}

function loginCommand(url: URL): string[][] {
  if (url.password === "") return [];
  const name = url.username === "" ? [] : [decodeURIComponent(url.username)];
  return [["AUTH", ...name, decodeURIComponent(url.password)]];
}

async function readReplies(socket: Socket, count: number): Promise<Reply[]> {
  const replies: Reply[] = [];
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let next = parseReply(bytes); next !== undefined; next = parseReply(bytes)) {
      replies.push(next.reply);
      bytes = bytes.subarray(next.end);
    }
    if (replies.length >= count) return replies;
  }
  throw new Error("the connection was closed before it answered");
}
