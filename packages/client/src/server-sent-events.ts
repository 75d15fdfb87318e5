/** Reads server-sent events from the body of a response, as the HTML standard says that they are to be read. */

export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
  /** That of the event, or of one before it. */
  readonly lastEventId: string;
}

export interface ReadOptions {
  /** How long nothing at all may come, in ms, before the connection is taken for a dead one. */
  readonly idleMs: number;
  /** Told how long the server wants to be left alone before the next connection, in ms. */
  readonly onRetry: (ms: number) => void;
}

/** @throws Error when nothing came for too long, or what the connection breaks with. */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const parser = new Parser(options.onRetry);
  try {
    for (;;) {
      const { value, done } = await within(options.idleMs, reader.read());
      // What has no empty line after it is not complete.
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    // Also when who reads has had enough of it.
    await reader.cancel().catch(() => undefined);
  }
}

class Parser {
  readonly #decoder = new TextDecoder();
  readonly #onRetry: (ms: number) => void;
  #rest = "";
  #type = "";
  #data: string[] = [];
  #lastEventId = "";

  constructor(onRetry: (ms: number) => void) {
    this.#onRetry = onRetry;
  }

  *push(chunk: Uint8Array): Generator<ServerSentEvent, void, undefined> {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be half of a line break.
    const end = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = `${lines.pop() ?? ""}${text.slice(end)}`;
    for (const line of lines) {
      const event = line === "" ? this.#complete() : this.#take(line);
      if (event) yield event;
    }
  }

  #take(line: string): undefined {
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") this.#type = value;
    if (field === "data") this.#data.push(value);
    if (field === "id" && !value.includes("\0")) this.#lastEventId = value;
    if (field === "retry" && /^\d+$/.test(value)) this.#onRetry(Number(value));
  }

  #complete(): ServerSentEvent | undefined {
    const [type, data] = [this.#type, this.#data];
    this.#type = "";
    this.#data = [];
    if (data.length === 0) return undefined;
    return { type: type || "message", data: data.join("\n"), lastEventId: this.#lastEventId };
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${ms} ms`)), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
