/** The verbs of activations on Redis. Several of them may go as one script, and wait for one barrier. */
import type {
  ActivationStore,
  ClaimOutcome,
  ClaimRequest,
  CommitOutcome,
  CommitRequest,
  FencedWrite,
  FinishOutcome,
  FinishRequest,
  FinishRollbackRequest,
  ReleaseOutcome,
  RenewOutcome,
  RenewRequest,
  SettlePauseOutcome,
  SuspendOutcome,
  SuspendRequest,
} from "../engine/ports/activations.ts";
import type { KnownInstance, ReassertOutcome } from "../engine/ports/reassertion.ts";
import { barrierOfLastWrite } from "../model/recorded-barrier.ts";
import * as decode from "./decode.ts";
import {
  encodeClaim,
  encodeKnown,
  encodeRollbackEnd,
  encodeStreams,
  encodeWrite,
} from "./encode.ts";
import type { GuardedScripts } from "./guarded-scripts.ts";
import type { ScriptRunner } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisActivations implements ActivationStore {
  readonly #scripts: ScriptRunner;
  readonly #guarded: GuardedScripts;

  constructor(runner: ScriptRunner, guarded: GuardedScripts) {
    this.#scripts = runner;
    this.#guarded = guarded;
  }

  async claim(request: ClaimRequest): Promise<ClaimOutcome> {
    const args = encodeClaim(request);
    const outcome = await this.#scripts.gather(scripts.claimInstance, args, decode.decodeClaim);
    // Who held it before may have died between a write and its barrier.
    if (outcome.type === "claimed" && outcome.claim.isAfterCrash) {
      await this.#guarded.hold(barrierOfLastWrite(outcome.claim.history));
    }
    return outcome;
  }

  commit(write: CommitRequest): Promise<CommitOutcome> {
    const { barrier, streams } = write;
    const args = encodeWrite(write);
    if (!streams) {
      return this.#guarded.write(scripts.commitEntries, args, decode.decodeCommit, barrier);
    }
    const allArgs = { ...args, ...encodeStreams(streams) };
    return this.#guarded.write(scripts.commitStreams, allArgs, decode.decodeCommit, barrier);
  }

  suspend(write: SuspendRequest): Promise<SuspendOutcome> {
    const args = {
      ...encodeWrite(write),
      wakeAt: write.wakeAt ?? "",
      wakeInMs: write.wakeInMs ?? "",
      awaits: write.awaits.join("\n"),
    };
    return this.#scripts.gather(scripts.suspendInstance, args, decode.decodeSuspend);
  }

  finish(write: FinishRequest): Promise<FinishOutcome> {
    const { result } = write;
    const args = {
      ...encodeWrite(write),
      status: result.status,
      result: result.status === "complete" ? result.output : result.error,
    };
    return this.#guarded.write(scripts.finishInstance, args, decode.decodeFinish, write.barrier);
  }

  startRollback(write: FencedWrite): Promise<CommitOutcome> {
    const args = encodeWrite(write);
    return this.#guarded.write(scripts.startRollback, args, decode.decodeCommit, write.barrier);
  }

  finishRollback(write: FinishRollbackRequest): Promise<FinishOutcome> {
    const args = encodeRollbackEnd(write);
    return this.#guarded.write(scripts.finishRollback, args, decode.decodeFinish, write.barrier);
  }

  async settlePause(write: FencedWrite): Promise<SettlePauseOutcome> {
    const reply = await this.#scripts.run(scripts.settlePause, encodeWrite(write));
    return decode.decodeSettledPause(reply);
  }

  async release(write: FencedWrite): Promise<ReleaseOutcome> {
    const reply = await this.#scripts.run(scripts.releaseInstance, encodeWrite(write));
    return decode.decodeRelease(reply);
  }

  renew(request: RenewRequest): Promise<RenewOutcome> {
    const args = { ...request, id: request.instanceId };
    return this.#scripts.gather(scripts.renewLease, args, decode.decodeRenewal);
  }

  async reassert(known: KnownInstance): Promise<ReassertOutcome> {
    const args = encodeKnown(known);
    return await this.#scripts.gather(scripts.reassertHistory, args, decode.decodeReassertion);
  }
}
