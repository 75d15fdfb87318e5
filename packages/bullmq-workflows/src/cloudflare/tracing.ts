/** Cloudflare's `tracing`, without traces: callbacks run, spans hear nothing. */
class NoSpan {
  readonly isTraced: boolean = false;

  spanContext(): { traceId: string; spanId: string; traceFlags: number } {
    return { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };
  }

  setAttribute(_key: string, _value?: unknown): this {
    return this;
  }

  setAttributes(_attributes: object): this {
    return this;
  }

  recordException(_exception: unknown, _time?: unknown): void {}

  addEvent(_name: string, ..._rest: unknown[]): this {
    return this;
  }

  setStatus(_status: unknown): this {
    return this;
  }

  updateName(_name: string): this {
    return this;
  }

  isRecording(): boolean {
    return false;
  }

  end(_time?: unknown): void {}

  [Symbol.dispose](): void {}
}

type WithSpan<Rest extends unknown[], T> = (span: NoSpan, ...rest: Rest) => T;

interface NoTracing {
  enterSpan<T, Rest extends unknown[]>(name: string, callback: WithSpan<Rest, T>, ...rest: Rest): T;
  startActiveSpan<T, Rest extends unknown[]>(
    name: string,
    callback: WithSpan<Rest, T>,
    ...rest: Rest
  ): T;
  startSpan(name: string): NoSpan;
  getActiveSpan(): NoSpan | undefined;
  withActiveSpan<T, Rest extends unknown[]>(
    span: NoSpan,
    callback: (...rest: Rest) => T,
    ...rest: Rest
  ): T;
  readonly Span: typeof NoSpan;
}

const callWithSpan = <T, Rest extends unknown[]>(
  _name: string,
  callback: WithSpan<Rest, T>,
  ...rest: Rest
): T => callback(new NoSpan(), ...rest);

export const tracing: NoTracing = {
  enterSpan: callWithSpan,
  startActiveSpan: callWithSpan,
  startSpan: () => new NoSpan(),
  getActiveSpan: () => undefined,
  withActiveSpan: (_span, callback, ...rest) => callback(...rest),
  Span: NoSpan,
};
