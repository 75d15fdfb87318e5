import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "@bullmq-workflows/embedded";

export interface RedisServer {
  readonly url: string;
  readonly description: string;
  /** Whether it was there before the demo and will be there after it. */
  readonly isYours: boolean;
  close(): Promise<void>;
}

/** The server you name, else one of the demo's own, with a data folder that goes when it stops. */
export async function openRedis(url: string | undefined): Promise<RedisServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "order-fulfilment-"));
  const server = await startServer({ url, dataDir });
  return {
    url: server.url,
    description: server.description,
    isYours: server.kind === "external",
    close: async () => {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
