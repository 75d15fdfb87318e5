/** Streams as results of steps. */
import type { Scenario, Step } from "../scenario.ts";

const ONCE = { retries: { limit: 0, delay: 0 } };

function streamOf(...chunks: readonly unknown[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function textOf(stream: ReadableStream): Promise<string> {
  return await new Response(stream).text();
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function readStep(step: Step, make: () => unknown): Promise<unknown> {
  const stream = await step.do<ReadableStream>("a", ONCE, make);
  return await textOf(stream);
}

export const STREAMS: readonly Scenario[] = [
  {
    name: "stream: read whole",
    run: async (step) => await readStep(step, () => streamOf(bytes("one "), bytes("two"))),
  },
  {
    name: "stream: empty",
    run: async (step) => await readStep(step, () => streamOf()),
  },
  {
    name: "stream: chunks of the wrong kind",
    run: async (step) => await readStep(step, () => streamOf("text")),
  },
  {
    name: "stream: locked",
    run: async (step) =>
      await readStep(step, () => {
        const stream = streamOf(bytes("one"));
        stream.getReader();
        return stream;
      }),
  },
  {
    name: "stream: as the output",
    run: async () => streamOf(bytes("one")),
  },
];
