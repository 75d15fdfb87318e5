/** The part of the store that tells without being asked: over its channels, and of its connection. See store.ts. */
import type { InstanceResult } from "./instances.ts";

/** What a worker is told about an instance it is running. */
export interface ControlMessage {
  readonly instanceId: string;
  /** `news`: look again (an event, a pause, a resume). `revoked`: the fence is gone. */
  readonly type: "news" | "revoked";
  /** The fence that was current. A message may be late: one of an older fence concerns nobody. */
  readonly fence: number;
}

/** That an instance has ended, or was deleted. */
export interface EndNotice {
  readonly instanceId: string;
  /** How `run` ended, if that is short. Else who wants to know has to read it. */
  readonly end?: {
    /** Of the activation that ended it. */
    readonly fence: number;
    readonly result: InstanceResult;
  };
}

export type Unsubscribe = () => void;

export interface ConnectionListener {
  readonly onLost: () => void;
  readonly onBack: () => void;
}

export interface NoticeStore {
  /** Hears what concerns instances that this worker runs. May miss messages while disconnected. */
  onControl(workerId: string, listener: (message: ControlMessage) => void): Promise<Unsubscribe>;
  /**
   * Hears of instances that finished or were deleted. `onGap` is called when messages may have been
   * missed (a reconnect), so that the listener looks for itself.
   */
  onFinished(listener: (notice: EndNotice) => void, onGap: () => void): Promise<Unsubscribe>;
  /**
   * Hears that the history of an instance that is being watched (see {@link HistoryRequest}) may have
   * changed: entries were added or wiped, it was started or deleted, or messages may have been missed.
   * What is never watched is never told of, and costs nothing.
   */
  onHistory(instanceId: string, onChange: () => void): Promise<Unsubscribe>;
  /**
   * Hears when the way to the store broke, and when it leads there again: maybe to another server, that
   * has not got every write. Cheap to miss nothing of, so it is told too often rather than not.
   */
  onConnection(listener: ConnectionListener): Unsubscribe;
}
