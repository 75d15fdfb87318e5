/** A worker of BullMQ as what consumes, and can be told to stop. */
import type { Worker } from "bullmq";
import type { Consumer } from "../engine/ports/dispatcher.ts";

/** @param connection the worker's own, which ends with it. */
export function toConsumer(
  worker: Pick<Worker, "close">,
  connection: { disconnect(): void },
): Consumer {
  return {
    stop: async ({ force = false }: { readonly force?: boolean } = {}) => {
      const closed = worker.close(force);
      // After a stop without force BullMQ ignores the force: it waits for its jobs' last commands
      // to get through, which without Redis takes for ever, and without a connection fails at once.
      if (force) connection.disconnect();
      await closed;
      connection.disconnect();
    },
  };
}
