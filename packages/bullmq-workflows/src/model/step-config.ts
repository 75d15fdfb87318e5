/**
 * What `step.do` may be told about retries and timeouts: Cloudflare's schema, strict at both levels, and
 * one key of ours, `durability`.
 *
 * Values are kept as they were written (`"5 minutes"` stays a string), because user code and the
 * dashboard see them. A delay function is never stored; {@link DYNAMIC_DELAY} stands for it.
 */
import { BARRIERS, isBarrier } from "./barrier.ts";
import type { Barrier } from "./barrier.ts";
import { parseDuration } from "./duration.ts";
import type { WorkflowDelayDuration, WorkflowTimeoutDuration } from "./duration.ts";
import { RETRY_LIMIT } from "./limits.ts";
import type { WorkflowStepContext } from "./workflow.ts";

export type WorkflowBackoff = "constant" | "linear" | "exponential";

/** `"output"` shows `[REDACTED]` instead of the step's result wherever it can be seen from outside. */
export type WorkflowStepSensitivity = "output";

export interface WorkflowDynamicDelayContext<Context = WorkflowStepContext> {
  ctx: Context;
  error: Error;
}

/** Computes the delay before the next attempt. Has 5 seconds to answer. */
export type WorkflowDelayFunction<Context = WorkflowStepContext> = (
  input: WorkflowDynamicDelayContext<Context>,
) => WorkflowDelayDuration | number | Promise<WorkflowDelayDuration | number>;

/** Options of one `step.do`. Cloudflare's names, defaults and rules. */
export interface WorkflowStepConfig {
  retries?: {
    /** Retries after the first attempt, at most 10000; 0 never retries. @defaultValue 5 */
    limit: number;
    /** Base delay between attempts: milliseconds, a duration, or a function. @defaultValue 10000 */
    delay: WorkflowDelayDuration | number | WorkflowDelayFunction;
    /** How the delay grows from attempt to attempt. @defaultValue "exponential" */
    backoff?: WorkflowBackoff;
  };
  /** How long one attempt may take: milliseconds or a duration. @defaultValue "10 minutes" */
  timeout?: WorkflowTimeoutDuration | number;
  sensitive?: WorkflowStepSensitivity;
  /**
   * Ours. What the outcome waits for, once Redis has it, before your code sees it. `memory` for nothing
   * more. @defaultValue what the workflow is registered with
   */
  durability?: Barrier;
}

/** Where messages about a bad config lead: part of Cloudflare's texts. */
export const CONFIG_DOCS =
  "https://developers.cloudflare.com/workflows/build/sleeping-and-retrying/";

/** What stands in the store for a delay function. */
export const DYNAMIC_DELAY = "[dynamic]";

/** A step's config with every default filled in, as it is stored. */
export interface ResolvedStepConfig {
  readonly retries: {
    readonly limit: number;
    readonly delay: string | number;
    readonly backoff: WorkflowBackoff;
  };
  readonly timeout: string | number;
  readonly sensitive?: WorkflowStepSensitivity;
  readonly durability?: Barrier;
}

/** Applies where a step's config says nothing. Cloudflare's production values. */
export const DEFAULT_STEP_CONFIG: ResolvedStepConfig = {
  retries: { limit: 5, delay: 10_000, backoff: "exponential" },
  timeout: "10 minutes",
};

/** What of a config is not as it is by default, but for what an entry says anyway; `undefined` if all is. */
export function unusualOf(config: ResolvedStepConfig): Partial<ResolvedStepConfig> | undefined {
  if (config === DEFAULT_STEP_CONFIG) return undefined;
  const { retries, timeout } = config;
  const usual = DEFAULT_STEP_CONFIG.retries;
  const isUsual =
    retries.limit === usual.limit &&
    retries.delay === usual.delay &&
    retries.backoff === usual.backoff;
  const unusual = {
    ...(!isUsual && { retries }),
    ...(timeout !== DEFAULT_STEP_CONFIG.timeout && { timeout }),
  };
  return "retries" in unusual || "timeout" in unusual ? unusual : undefined;
}

const DEFAULT_TIMEOUT_MS = parseDuration(DEFAULT_STEP_CONFIG.timeout);

/** How long an attempt may take. Most may take as long as the default says, which is read once. */
export function timeoutMsOf({ timeout }: ResolvedStepConfig): number {
  return timeout === DEFAULT_STEP_CONFIG.timeout ? DEFAULT_TIMEOUT_MS : parseDuration(timeout);
}

/** The config with defaults, or `undefined` when it breaks the schema. */
export function parseStepConfig(config: unknown): ResolvedStepConfig | undefined {
  if (config === undefined || config === null) return DEFAULT_STEP_CONFIG;
  if (!hasOnlyKeys(config, ["retries", "timeout", "sensitive", "durability"])) return undefined;
  const retries = parseRetries(config["retries"]);
  const { timeout = DEFAULT_STEP_CONFIG.timeout, sensitive, durability } = config;
  if (!retries || !isDuration(timeout) || parseDuration(timeout) === 0) return undefined;
  if (sensitive !== undefined && sensitive !== "output") return undefined;
  if (durability !== undefined && !isBarrier(durability)) return undefined;
  return { retries, timeout, ...(sensitive && { sensitive }), ...(durability && { durability }) };
}

/** What is wrong with the one key of ours; `undefined` when the rest is, of which Cloudflare's words speak. */
export function whyInvalidDurability(step: string, config: unknown): string | undefined {
  const durability = (config as { readonly durability?: unknown }).durability;
  if (durability === undefined || isBarrier(durability)) return undefined;
  const rule = `one of ${BARRIERS.join(", ")}`;
  return `Expected \`durability\` of step "${step}" to be ${rule}, got \`${String(durability)}\``;
}

/** The delay function of a config, which the parsed config only marks. */
export function delayFunctionOf(config: unknown): WorkflowDelayFunction | undefined {
  const delay = (config as WorkflowStepConfig | null | undefined)?.retries?.delay;
  return typeof delay === "function" ? delay : undefined;
}

function parseRetries(retries: unknown): ResolvedStepConfig["retries"] | undefined {
  if (retries === undefined) return DEFAULT_STEP_CONFIG.retries;
  if (!hasOnlyKeys(retries, ["limit", "delay", "backoff"])) return undefined;
  const { limit, delay, backoff = DEFAULT_STEP_CONFIG.retries.backoff } = retries;
  if (typeof limit !== "number" || !(limit >= 0 && limit <= RETRY_LIMIT)) return undefined;
  if (backoff !== "constant" && backoff !== "linear" && backoff !== "exponential") return undefined;
  if (typeof delay === "function") return { limit, delay: DYNAMIC_DELAY, backoff };
  return isDuration(delay) ? { limit, delay, backoff } : undefined;
}

/** Whether the value is a duration that is understood and not negative. JSON has no infinite one. */
function isDuration(value: unknown): value is string | number {
  if (typeof value !== "number" && typeof value !== "string") return false;
  const ms = parseDuration(value);
  return Number.isFinite(ms) && ms >= 0;
}

function hasOnlyKeys(value: unknown, allowed: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).every((key) => allowed.includes(key));
}
