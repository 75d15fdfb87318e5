/** The verbs that are asked from outside, on Redis. Each answers when the workflow's barrier holds. */
import type {
  CommandOutcome,
  CommandStore,
  IncomingEvent,
  OnceMark,
  RestartOutcome,
  RestartRequest,
} from "../engine/ports/commands.ts";
import { decodeCommand, decodeRestart } from "./decode.ts";
import { encodeOnce, encodeRestart } from "./encode.ts";
import type { GuardedScripts } from "./guarded-scripts.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisCommands implements CommandStore {
  readonly #guarded: GuardedScripts;

  constructor(guarded: GuardedScripts) {
    this.#guarded = guarded;
  }

  async sendEvent(
    instanceId: string,
    { type, payload }: IncomingEvent,
    once?: OnceMark,
  ): Promise<CommandOutcome> {
    const text = payload === undefined ? [] : [payload];
    const args = { id: instanceId, type, payload: text, once: encodeOnce(once) };
    const { barrier } = this.#guarded;
    return await this.#guarded.write(scripts.sendEvent, args, decodeCommand, barrier);
  }

  async pause(instanceId: string): Promise<CommandOutcome> {
    return await this.#guarded.command(scripts.pauseInstance, { id: instanceId });
  }

  async resume(instanceId: string): Promise<CommandOutcome> {
    return await this.#guarded.command(scripts.resumeInstance, { id: instanceId });
  }

  async terminate(instanceId: string): Promise<CommandOutcome> {
    return await this.#guarded.command(scripts.terminateInstance, { id: instanceId });
  }

  async rollBack(instanceId: string): Promise<CommandOutcome> {
    return await this.#guarded.command(scripts.rollBackInstance, { id: instanceId });
  }

  async restart(instanceId: string, once?: OnceMark): Promise<CommandOutcome> {
    const args = { id: instanceId, once: encodeOnce(once) };
    const { barrier } = this.#guarded;
    return await this.#guarded.write(scripts.restartInstance, args, decodeCommand, barrier);
  }

  async restartFrom(request: RestartRequest): Promise<RestartOutcome> {
    const args = encodeRestart(request);
    const { barrier } = this.#guarded;
    return await this.#guarded.write(scripts.restartFrom, args, decodeRestart, barrier);
  }

  async delete(instanceId: string): Promise<CommandOutcome> {
    return await this.#guarded.command(scripts.deleteInstance, { id: instanceId });
  }
}
