/**
 * Whether the server can do its work: Redis answers, takes writes, and promises what the engine demands.
 *
 * Asked by load balancers, without a token and as often as they like. So what was found out last holds for a
 * moment, those who ask meanwhile share the answer, and it says what is wrong without saying where Redis is.
 */
import { WorkflowEngineError } from "bullmq-workflows";

export interface ReadinessReport {
  readonly isReady: boolean;
  /** Why not. */
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}

export interface ReadinessParts {
  /** Resolves when all is well. */
  readonly check: () => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** For how long an answer holds. @defaultValue 1 second */
  readonly holdsMs?: number;
  /** Redis is taken to be away when it takes longer. @defaultValue 2 seconds */
  readonly timeoutMs?: number;
}

/** What may be told to anybody. Causes may name hosts, and so are for the log alone. */
const MESSAGES: Readonly<Record<string, string>> = {
  "store.unavailable": "Redis does not answer, or takes no writes",
  "durability.too_low": "Redis promises less than `durability.minimum`",
  "durability.unknown": "whether Redis promises `durability.minimum` cannot be determined",
  "durability.barrier_unsupported": "Redis cannot hold the barrier that was asked for",
  "server.closing": "the server is closing",
};

const UNKNOWN = "server.failed";

export class Readiness {
  readonly #parts: ReadinessParts;
  #last: { readonly report: ReadinessReport; readonly until: number } | undefined;
  #asking: Promise<ReadinessReport> | undefined;
  #isClosing = false;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  async read(): Promise<ReadinessReport> {
    if (this.#isClosing) return toReport("server.closing");
    if (this.#last && performance.now() < this.#last.until) return this.#last.report;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return await this.#asking;
  }

  /** From now on it is not ready. */
  close(): void {
    this.#isClosing = true;
  }

  async #ask(): Promise<ReadinessReport> {
    const { check, holdsMs = 1_000, timeoutMs = 2_000 } = this.#parts;
    const report = await within(timeoutMs, check()).then(
      () => READY,
      (error: unknown) => this.#explain(error),
    );
    this.#last = { report, until: performance.now() + holdsMs };
    return report;
  }

  #explain(error: unknown): ReadinessReport {
    const code = WorkflowEngineError.is(error) ? error.code : UNKNOWN;
    if (!(code in MESSAGES)) this.#parts.onError(error);
    return toReport(code in MESSAGES ? code : UNKNOWN);
  }
}

const READY: ReadinessReport = { isReady: true, reasons: [] };

function toReport(code: string): ReadinessReport {
  const message = MESSAGES[code] ?? "something is wrong that the server's log tells of";
  return { isReady: false, reasons: [{ code, message }] };
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError()), timeoutMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Redis has not answered in time. */
class LateError extends WorkflowEngineError {
  constructor() {
    super("store.unavailable", "Redis has not answered in time");
  }
}
