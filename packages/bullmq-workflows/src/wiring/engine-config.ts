/** The engine's options, checked and with defaults filled in. */
import type { Cluster, Redis } from "ioredis";
import type { WorkflowSleepDuration } from "../model/duration.ts";
import { InvalidOptionError } from "../model/errors.ts";
import { isValidNamespace } from "../model/names.ts";
import type { DurabilitySettings } from "../engine/durability-watch.ts";
import type { LogLevel, Telemetry } from "../engine/ports/telemetry.ts";
import { resolveDurability } from "./durability-config.ts";
import type { DurabilityOptions } from "./durability-config.ts";
import { systemClock } from "../worker/system-clock.ts";
import { quieted } from "./quieted-telemetry.ts";
import { checkCount, checkDuration, checkKeys } from "./option-checks.ts";

/** `all` creates and runs instances, `client` only creates and commands them, `worker` is meant to run them. */
export type EngineMode = "all" | "client" | "worker";

/** Where the engine writes what it does. Any structured logger fits. */
export type Logger = (
  level: LogLevel,
  message: string,
  facts?: Readonly<Record<string, unknown>>,
) => void;

export interface WorkflowEngineConfig<Env = unknown> {
  /** A Redis URL, or an ioredis client of yours, which the engine uses and does not close. */
  readonly connection: string | Redis | Cluster;
  /** @defaultValue "all" */
  readonly mode?: EngineMode;
  /** What workflows find as `this.env`. @defaultValue `{}` */
  readonly env?: Env;
  /** Begins every key in Redis. Engines with the same prefix share their instances. @defaultValue "bw" */
  readonly prefix?: string;
  /**
   * Whose instances these are: those of one namespace are invisible to another. Over REST it is Cloudflare's
   * `account_id`. At most 64 letters, digits, - and _. @defaultValue "default"
   */
  readonly namespace?: string;
  /**
   * The program that has the workflows' classes, as others see it: Cloudflare's `script_name`. At most 255
   * characters. @defaultValue "bullmq-workflows"
   */
  readonly scriptName?: string;
  /** Activations at once in this process, per workflow. @defaultValue 100 */
  readonly concurrency?: number;
  /**
   * How long a worker may stay silent before others take over its instances. Shorter recovers faster
   * from crashes; longer tolerates a blocked event loop. @defaultValue "10 seconds"
   */
  readonly lease?: WorkflowSleepDuration | number;
  /** How often a worker looks for what crashes left behind. @defaultValue "1 second" */
  readonly sweepInterval?: WorkflowSleepDuration | number;
  /** Suspended runs kept in memory, per workflow, to go on without a replay. */
  readonly warm?: {
    /** 0 keeps none. @defaultValue 1000 */
    readonly limit?: number;
    /** @defaultValue "10 minutes" */
    readonly age?: WorkflowSleepDuration | number;
  };
  /** What is asked of Redis, and what is waited for. @defaultValue nothing */
  readonly durability?: DurabilityOptions;
  /** @defaultValue silence */
  readonly logger?: Logger;
}

export interface ResolvedEngineConfig {
  readonly mode: EngineMode;
  readonly env: unknown;
  readonly scriptName: string;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly sweepIntervalMs: number;
  readonly warmLimit: number;
  readonly warmAgeMs: number;
  readonly durability: DurabilitySettings;
  readonly telemetry: Telemetry;
}

/** @throws {@link InvalidOptionError} naming the option, its rule and the value. */
export function resolveEngineConfig(
  config: Omit<WorkflowEngineConfig, "connection" | "prefix" | "namespace">,
): ResolvedEngineConfig {
  checkKeys("config", config, CONFIG_KEYS);
  if (config.warm !== undefined) checkKeys("warm", config.warm, ["limit", "age"]);
  if (config.logger !== undefined && typeof config.logger !== "function") {
    throw new InvalidOptionError("logger", "a function (level, message, facts)", config.logger);
  }
  return {
    mode: checkMode(config.mode ?? "all"),
    env: config.env ?? {},
    scriptName: checkScriptName(config.scriptName ?? "bullmq-workflows"),
    concurrency: checkCount("concurrency", config.concurrency ?? 100, 1),
    leaseMs: checkDuration("lease", config.lease ?? "10 seconds", 100),
    sweepIntervalMs: checkDuration("sweepInterval", config.sweepInterval ?? "1 second", 10),
    warmLimit: checkCount("warm.limit", config.warm?.limit ?? 1_000, 0),
    warmAgeMs: checkDuration("warm.age", config.warm?.age ?? "10 minutes", 0),
    durability: resolveDurability(config.durability),
    telemetry: quieted(toTelemetry(config.logger), systemClock),
  };
}

const CONFIG_KEYS = [
  "connection",
  "mode",
  "env",
  "prefix",
  "namespace",
  "scriptName",
  "concurrency",
  "lease",
  "sweepInterval",
  "warm",
  "durability",
  "logger",
];

/** @throws {@link InvalidOptionError} */
export function checkPrefix(prefix: string): string {
  // A brace would move the keys to another hash slot, a colon is what separates their parts.
  if (prefix !== "" && !/[{}:]/.test(prefix)) return prefix;
  throw new InvalidOptionError("prefix", "a text without braces and colons", prefix);
}

/** @throws {@link InvalidOptionError} */
export function checkNamespace(namespace: string): string {
  if (isValidNamespace(namespace)) return namespace;
  throw new InvalidOptionError("namespace", "1 to 64 letters, digits, - and _", namespace);
}

function checkScriptName(scriptName: string): string {
  const isText = typeof scriptName === "string" && scriptName !== "" && scriptName.length <= 255;
  if (isText) return scriptName;
  throw new InvalidOptionError("scriptName", "a text of 1 to 255 characters", scriptName);
}

function checkMode(mode: EngineMode): EngineMode {
  if (mode === "all" || mode === "client" || mode === "worker") return mode;
  throw new InvalidOptionError("mode", '"all", "client" or "worker"', mode);
}

/** Logging must not change what happens: a logger that fails is one that wrote nothing. */
function toTelemetry(logger: Logger = () => {}): Telemetry {
  // The type does not keep anyone from handing in an async function.
  const write: (...entry: Parameters<Logger>) => unknown = logger;
  const log = async (...entry: Parameters<Logger>): Promise<void> => {
    await write(...entry);
  };
  return { log: (...entry) => void log(...entry).catch(() => undefined), count: () => {} };
}
