/** The server among other middleware on Node's requests, as frameworks leave them. */
import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { toNodeHandler } from "../src/node.ts";

interface Seen {
  readonly path: string;
  readonly body: string;
  readonly from: string | undefined;
}

/** A server that tells what it was asked, behind something that has already looked at the request. */
async function setup(before: (incoming: IncomingMessage) => Promise<void> | void) {
  const handle = toNodeHandler({
    fetch: async (request, context) => {
      const { pathname, search } = new URL(request.url);
      const from = context?.incoming?.socket?.remoteAddress;
      const seen: Seen = { path: `${pathname}${search}`, body: await read(request), from };
      return Response.json(seen);
    },
  });
  const http = createHttpServer((incoming, outgoing) => {
    void (async () => {
      await before(incoming);
      handle(incoming, outgoing);
    })();
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => void http.close());
  const { port } = http.address() as AddressInfo;
  return async (path: string, body: string, type = "application/json"): Promise<Seen> => {
    const init = { method: "POST", body, headers: { "content-type": type } };
    return (await (await fetch(`http://127.0.0.1:${port}${path}`, init)).json()) as Seen;
  };
}

/** As the server reads it. */
async function read(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>)
    chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What a body parser does. */
function parseWith(parse: (text: string) => unknown) {
  return async (incoming: IncomingMessage): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    Object.assign(incoming, { body: parse(Buffer.concat(chunks).toString()) });
  };
}

test("a request that nobody touched arrives as it is, with its peer's address", async () => {
  const ask = await setup(() => undefined);

  expect(await ask("/a/b?c=d", '{"n":1}')).toEqual({
    path: "/a/b?c=d",
    body: '{"n":1}',
    from: "127.0.0.1",
  });
});

test("the part of the path that a framework has cut off is put back", async () => {
  const ask = await setup((incoming) => {
    Object.assign(incoming, { originalUrl: incoming.url, url: "/b" });
  });

  expect((await ask("/a/b?c=d", "{}")).path).toBe("/a/b?c=d");
});

test.each([
  ["an object", '{"n":1}', "application/json", JSON.parse],
  ["a text in JSON", '"tea"', "application/json; charset=utf-8", JSON.parse],
  ["a text", "tea", "text/plain", (text: string) => text],
  ["bytes", '{"n":1}', "application/json", (text: string) => Buffer.from(text)],
  ["null", "null", "application/json", JSON.parse],
])("a body that a parser has made %s of is put back", async (_, body, type, parse) => {
  const ask = await setup(parseWith(parse));

  expect((await ask("/", body, type)).body).toBe(body);
});

test("a body that a parser has left alone is read from the wire", async () => {
  const ask = await setup((incoming) => void Object.assign(incoming, { body: {} }));

  expect((await ask("/", '{"n":1}')).body).toBe('{"n":1}');
});
