/**
 * What those who are watched over together have in common: it begins with the first one who joins, is
 * renewed while anybody is there, and ends with the last.
 */
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { Unsubscribe } from "../engine/ports/notices.ts";
import { EngineClosedError } from "../model/errors.ts";

/** Acts once in every interval until it is cancelled. */
export function every(clock: Clock, intervalMs: number, act: () => void): CancelTimer {
  let cancel: CancelTimer = () => undefined;
  const later = (): void => {
    cancel = clock.after(intervalMs, () => {
      later();
      act();
    });
  };
  later();
  return () => cancel();
}

/**
 * Answers how to leave, once what was joined is there. Who cannot join has left.
 *
 * @throws {@link EngineClosedError} when that is why.
 */
export async function joined(
  opened: Promise<unknown>,
  leave: () => void,
  isClosed: () => boolean,
): Promise<() => void> {
  try {
    await opened;
    return leave;
  } catch (error) {
    leave();
    throw isClosed() ? new EngineClosedError({ cause: error }) : error;
  }
}

/** Ends it as soon as it is there, if it ever is. */
export function endOnceOpened(opened: Promise<Unsubscribe>): void {
  opened.then(
    (unsubscribe) => unsubscribe(),
    () => undefined,
  );
}
