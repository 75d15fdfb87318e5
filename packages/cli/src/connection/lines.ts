/** Reads an answer that consists of lines of JSON, as they come, until it ends or nobody wants more of it. */

export async function* readLines<T>(
  { body }: Response,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  if (!body) return;
  const reader = body.getReader();
  // An answer that is made in this process does not hear of what becomes of its request.
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      // An empty line says that the other end is still there.
      for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
