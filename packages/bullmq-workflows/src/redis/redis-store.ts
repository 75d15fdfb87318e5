/**
 * The store on Redis, put together of its parts: in each, one method per verb and one script per method.
 *
 * What a verb does, and that it does all of it or nothing, is said in Lua: see scripts/ and
 * docs/store.md. Here arguments are named and answers decoded. The client belongs to whoever made it.
 */
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Barrier } from "../model/barrier.ts";
import type { ArgumentLimit } from "./argument-limit.ts";
import type { Barriers } from "./barriers.ts";
import { decodeRequests } from "./decode.ts";
import { GuardedScripts } from "./guarded-scripts.ts";
import { RedisActivations } from "./redis-activations.ts";
import { RedisCommands } from "./redis-commands.ts";
import { RedisInsights } from "./redis-insights.ts";
import { RedisInstances } from "./redis-instances.ts";
import { RedisNotices } from "./redis-notices.ts";
import { RedisSchedules } from "./redis-schedules.ts";
import { RedisStreams } from "./redis-streams.ts";
import { RedisSweeps } from "./redis-sweeps.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { RedisClient } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface RedisStoreParts {
  readonly client: RedisClient;
  readonly subscriptions: Subscriptions;
  /** The hash tag that all keys of the workflow's partition start with, braces included. */
  readonly tag: string;
  /** Without it nothing waits for more than Redis's answer. */
  readonly barriers?: Barriers;
  /** What creating and commanding wait for, and who reads how an instance ended. @defaultValue "memory" */
  readonly barrier?: Barrier;
  /** How much Redis takes at once. @defaultValue what it takes when nothing is set */
  readonly argumentLimit?: ArgumentLimit;
}

export class RedisStore implements Store {
  readonly instances: RedisInstances;
  readonly activations: RedisActivations;
  readonly commands: RedisCommands;
  readonly sweeps: RedisSweeps;
  readonly streams: RedisStreams;
  readonly schedules: RedisSchedules;
  readonly insights: RedisInsights;
  readonly notices: RedisNotices;
  readonly #scripts: ScriptRunner;

  constructor(parts: RedisStoreParts) {
    const { client, subscriptions, tag, barriers, barrier = "memory", argumentLimit } = parts;
    const runner = new ScriptRunner(client, tag, argumentLimit);
    const guarded = new GuardedScripts(runner, { tag, barriers, barrier });
    this.#scripts = runner;
    this.instances = new RedisInstances(runner, guarded);
    this.activations = new RedisActivations(runner, guarded);
    this.commands = new RedisCommands(guarded);
    this.sweeps = new RedisSweeps(runner);
    this.streams = new RedisStreams(runner);
    this.schedules = new RedisSchedules(runner, guarded);
    this.insights = new RedisInsights(runner);
    this.notices = new RedisNotices({ client, subscriptions, tag, barrier });
  }

  async configure(
    settings: Parameters<Store["configure"]>[0],
  ): Promise<readonly ActivationRequest[]> {
    return decodeRequests(await this.#scripts.run(scripts.configureWorkflow, settings), 1);
  }

  async close(): Promise<void> {
    this.notices.close();
  }
}
