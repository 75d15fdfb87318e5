/** Streams for tests, and what is in them. */

/** Yields these chunks, text as UTF-8, then ends. */
export function streamOf(...chunks: readonly unknown[]): ReadableStream {
  return toStream(chunks, (controller) => controller.close());
}

/** Yields these chunks, then fails. */
export function failingStream(error: Error, ...chunks: readonly unknown[]): ReadableStream {
  return toStream(chunks, (controller) => controller.error(error));
}

function toStream(
  chunks: readonly unknown[],
  end: (controller: ReadableStreamDefaultController) => void,
): ReadableStream {
  const left = [...chunks];
  return new ReadableStream({
    pull(controller) {
      if (left.length === 0) return end(controller);
      const chunk = left.shift();
      controller.enqueue(isText(chunk) ? new TextEncoder().encode(chunk) : chunk);
    },
  });
}

/** `"text"` is meant as a text: a chunk that is none of bytes. */
function isText(chunk: unknown): chunk is string {
  return typeof chunk === "string" && chunk !== "text";
}

export async function chunksOf(stream: unknown): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return chunks;
}

export function bytesOf(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

export async function readAll(stream: unknown): Promise<Uint8Array> {
  return bytesOf(await chunksOf(stream));
}

export async function readText(stream: unknown): Promise<string> {
  return new TextDecoder().decode(await readAll(stream));
}
