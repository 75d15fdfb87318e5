import fc from "fast-check";
import { expect, test } from "vitest";
import { readServerSentEvents } from "./server-sent-events.ts";

function bodyOf(...chunks: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      }
      controller.close();
    },
  });
}

async function read(body: ReadableStream<Uint8Array>, retries: number[] = []) {
  const events = [];
  const options = { idleMs: 1_000, onRetry: (ms: number) => void retries.push(ms) };
  for await (const event of readServerSentEvents(body, options)) events.push(event);
  return events;
}

test("reads fields, comments, lines of data and times to wait", async () => {
  const retries: number[] = [];
  const text =
    'retry: 50\n\n: hello\n\nid: 7\nevent: step\ndata: {"a":\ndata: 1}\n\ndata:x\n\nid\nevent: none\n\ndata: cut';

  expect(await read(bodyOf(text), retries)).toEqual([
    { type: "step", data: '{"a":\n1}', lastEventId: "7" },
    { type: "message", data: "x", lastEventId: "7" },
  ]);
  expect(retries).toEqual([50]);
});

test("whatever the line breaks are, and wherever chunks end", async () => {
  const bytes = new TextEncoder().encode(
    "id: 1\ndata: ä\u{1f600}\n\nid: 2\r\ndata: b\r\n\r\ndata: c\r\r: end\n",
  );
  const expected = await read(bodyOf(bytes));

  expect(expected.map(({ data }) => data)).toEqual(["ä\u{1f600}", "b", "c"]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.slice(places[index], end));
      expect(await read(bodyOf(...chunks))).toEqual(expected);
    }),
  );
});

test("a connection on which nothing comes is given up", async () => {
  const silent = new ReadableStream<Uint8Array>({ start: () => undefined });

  const events = readServerSentEvents(silent, { idleMs: 5, onRetry: () => undefined });

  await expect(events.next()).rejects.toThrow("nothing came for 5 ms");
});

test("who has had enough ends the connection", async () => {
  let isCanceled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    cancel: () => void (isCanceled = true),
  });

  const events = readServerSentEvents(body, { idleMs: 1_000, onRetry: () => undefined });
  await events.next();
  await events.return();

  expect(isCanceled).toBe(true);
});
