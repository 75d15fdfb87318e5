/** The bytes of a stream, as they are read from the store. */
import type { LiveContent } from "./live-answers.ts";

export function tellBytes(
  open: (isOver: () => boolean) => ReadableStream<Uint8Array>,
  bytes: number,
): LiveContent {
  let isOver = false;
  const reader = open(() => isOver).getReader();
  const source = {
    next: async (): Promise<Uint8Array | undefined> => {
      const { done, value } = await reader.read();
      return done ? undefined : value;
    },
    close: (): void => {
      isOver = true;
      reader.cancel().catch(() => undefined);
    },
  };
  // Who got fewer bytes than these knows that something is missing.
  const headers = { "content-type": "application/octet-stream", "content-length": String(bytes) };
  return { source, framing: {}, headers };
}
