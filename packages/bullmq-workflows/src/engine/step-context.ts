/** What a step's callback is told about the step: Cloudflare's fields, and ours behind them. */
import { STORED_AS_PLAIN } from "../model/payload-kind.ts";
import { toPathText } from "../model/step-key.ts";
import { DYNAMIC_DELAY } from "../model/step-config.ts";
import type { ResolvedStepConfig } from "../model/step-config.ts";
import type { WorkflowStepContext } from "../model/workflow.ts";
import type { Attempt } from "./attempt.ts";
import type { Run } from "./run.ts";
import type { AskedStep } from "./step-calls.ts";

export interface StepContextParts {
  readonly run: Run;
  readonly asked: AskedStep;
  readonly config: ResolvedStepConfig;
  readonly attempt: Attempt;
  /** For what is done about the step after it, and must not be taken for the step itself. */
  readonly keySuffix?: string;
}

/** Its own fields are copies, so changing them changes nothing. Ours are made when they are asked for. */
export class StepContext implements WorkflowStepContext {
  readonly step: WorkflowStepContext["step"];
  readonly attempt: number;
  readonly config: WorkflowStepContext["config"];
  readonly #parts: StepContextParts;

  constructor(parts: StepContextParts) {
    const { asked, attempt, config } = parts;
    const { limit, delay, backoff } = config.retries;
    this.step = { name: asked.name, count: asked.count };
    this.attempt = attempt.number;
    this.config = {
      retries: delay === DYNAMIC_DELAY ? { limit, backoff } : { limit, delay, backoff },
      timeout: config.timeout,
    };
    if (config.sensitive) this.config.sensitive = config.sensitive;
    this.#parts = parts;
  }

  get signal(): AbortSignal {
    return this.#parts.attempt.signal;
  }

  get idempotencyKey(): string {
    const { run, asked, keySuffix = "" } = this.#parts;
    const creation = run.createdAt.toString(36);
    return `${run.definition.name}/${run.instanceId}/${creation}/${toPathText(asked.path)}${keySuffix}`;
  }
}

// A callback may return its context, as a part of something else too.
Object.defineProperty(StepContext.prototype, STORED_AS_PLAIN, { value: true });
