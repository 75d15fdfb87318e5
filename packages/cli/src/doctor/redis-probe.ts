/** Asks a Redis what no engine needs to know: how fast it answers, what time it has, how its replicas are. */
import { Redis } from "ioredis";
import type { RedisOptions } from "ioredis";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

export interface Clock {
  /** By how much its clock is ahead of this process's, in ms. */
  readonly offsetMs: number;
  /** How exactly that can be told, in ms. */
  readonly precisionMs: number;
}

export interface ReplicaProbe {
  readonly address: string;
  readonly isOnline: boolean;
  /** What it has still to get, in bytes. */
  readonly lagBytes: number;
  /** Absent when it could not be asked from here. */
  readonly clock?: Clock;
}

export interface RedisProbe {
  /** The fields of `INFO`, by name. */
  readonly info: ReadonlyMap<string, string>;
  /** Sorted, in ms. */
  readonly roundTripsMs: readonly number[];
  readonly clock: Clock;
  readonly replicas: readonly ReplicaProbe[];
}

const ROUND_TRIPS = 50;
const CLOCK_READINGS = 5;
const TIMEOUT_MS = 5_000;

/** A doctor waits for nothing: what does not answer soon is ill. */
const OPTIONS: Omit<RedisOptions, "replyMapping"> = {
  lazyConnect: true,
  connectTimeout: TIMEOUT_MS,
  commandTimeout: TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  enableOfflineQueue: false,
};

/** @throws {@link CommandError} when it cannot be reached. Its message has no password in it. */
export async function connectTo(url: string): Promise<Redis> {
  const redis = new Redis(url, OPTIONS);
  let reason: unknown;
  // Who connects is told only that it is closed; why is told here.
  redis.on("error", (error) => (reason = error));
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    const { message } = toError(reason ?? error);
    const { host, port, path } = redis.options;
    throw new CommandError(
      `Redis at ${path ?? `${host}:${port}`} cannot be used: ${message.replace(/\.$/, "")}. Is it running, is the address right, ` +
        "are name and password?",
      EXIT.unavailable,
    );
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

export async function probeRedis(redis: Redis): Promise<RedisProbe> {
  const info = await readInfo(redis);
  const roundTripsMs: number[] = [];
  for (let count = 0; count < ROUND_TRIPS; count++) {
    const startedAt = performance.now();
    await redis.ping();
    roundTripsMs.push(performance.now() - startedAt);
  }
  return {
    info,
    roundTripsMs: roundTripsMs.toSorted((a, b) => a - b),
    clock: await readClock(redis),
    replicas: await probeReplicas(redis, info),
  };
}

async function readInfo(redis: Redis): Promise<ReadonlyMap<string, string>> {
  const text = await redis.info();
  const lines = text.matchAll(/^(\w+):([^\r\n]*)/gm);
  return new Map([...lines].map(([, name = "", value = ""]) => [name, value]));
}

/** The reading with the shortest way there and back tells most. */
async function readClock(redis: Redis): Promise<Clock> {
  let best: Clock | undefined;
  for (let count = 0; count < CLOCK_READINGS; count++) {
    const before = performance.now();
    const [seconds, micros] = await redis.time();
    const roundTripMs = performance.now() - before;
    const there = Number(seconds) * 1_000 + Number(micros) / 1_000;
    const here = performance.timeOrigin + before + roundTripMs / 2;
    const reading = { offsetMs: there - here, precisionMs: roundTripMs / 2 };
    if (!best || reading.precisionMs < best.precisionMs) best = reading;
  }
  return best ?? { offsetMs: 0, precisionMs: Infinity };
}

async function probeReplicas(
  redis: Redis,
  info: ReadonlyMap<string, string>,
): Promise<readonly ReplicaProbe[]> {
  const lines = [...info].filter(([name]) => /^slave\d+$/.test(name));
  const written = Number(info.get("master_repl_offset") ?? 0);
  return await Promise.all(
    lines.map(async ([, line]) => {
      const fields = new Map(line.split(",").map((field) => field.split("=") as [string, string]));
      const host = fields.get("ip") ?? "";
      const port = Number(fields.get("port"));
      const clock = await askClock(redis, host, port);
      return {
        address: `${host}:${port}`,
        isOnline: fields.get("state") === "online",
        lagBytes: Math.max(0, written - Number(fields.get("offset") ?? 0)),
        ...(clock && { clock }),
      };
    }),
  );
}

/** Replicas have addresses of their own network, which need not lead there from here. */
async function askClock(redis: Redis, host: string, port: number): Promise<Clock | undefined> {
  const replica = redis.duplicate({ ...OPTIONS, host, port, connectTimeout: 1_000 });
  replica.on("error", () => {});
  try {
    await replica.connect();
    return await readClock(replica);
  } catch {
    return undefined;
  } finally {
    replica.disconnect();
  }
}
