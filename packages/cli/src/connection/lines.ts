/** Reads an answer that consists of lines of JSON, as they come. */

export async function* readLines<T>({ body }: Response): AsyncGenerator<T, void, undefined> {
  if (!body) return;
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    // An empty line says that the other end is still there.
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
  }
}
