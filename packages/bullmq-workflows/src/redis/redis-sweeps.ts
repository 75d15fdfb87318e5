/** The verbs of sweepers on Redis. Each looks at the oldest of one index. */
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { DueOutcome, RedispatchRequest, SweepStore } from "../engine/ports/sweeps.ts";
import { decodeDue, decodeRequests } from "./decode.ts";
import type { ScriptRunner } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisSweeps implements SweepStore {
  readonly #scripts: ScriptRunner;

  constructor(runner: ScriptRunner) {
    this.#scripts = runner;
  }

  async wakeDue(limit: number): Promise<DueOutcome> {
    return decodeDue(await this.#scripts.run(scripts.wakeDue, { limit }));
  }

  async adoptOrphans(limit: number): Promise<readonly ActivationRequest[]> {
    return decodeRequests(await this.#scripts.run(scripts.adoptOrphans, { limit }), 1);
  }

  async redispatch(request: RedispatchRequest): Promise<readonly ActivationRequest[]> {
    return decodeRequests(await this.#scripts.run(scripts.redispatchPending, request), 1);
  }

  async expire(limit: number): Promise<number> {
    const [, count] = await this.#scripts.run(scripts.expireInstances, { limit });
    return Number(count);
  }
}
