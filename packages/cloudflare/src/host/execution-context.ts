import { tracing } from "bullmq-workflows/cloudflare";

/** The `ctx` of handlers, entrypoints and workflows: as much of Cloudflare's as exists off Cloudflare. */
export interface HostContextParts {
  readonly exports: object;
  readonly props?: unknown;
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

export class HostContext {
  /** The project's entrypoints, by the names they are exported under. */
  readonly exports: object;
  /** What the caller of an entrypoint gave it. */
  readonly props: unknown;
  readonly tracing: object = tracing;
  readonly #waitUntil: (promise: Promise<unknown>) => void;

  constructor({ exports, props = {}, waitUntil }: HostContextParts) {
    this.exports = exports;
    this.props = props;
    this.#waitUntil = waitUntil;
  }

  waitUntil(promise: Promise<unknown>): void {
    this.#waitUntil(promise);
  }

  /** There is no origin behind this process to pass a request on to. */
  passThroughOnException(): void {}
}
