/**
 * One Redis server and two processes, on which one cell of the matrix runs at a time.
 *
 * The server keeps everything it acknowledged, and is started again whenever it dies. A process that was
 * killed is replaced.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import type { ChaosChild, ChildPool } from "./chaos-child.ts";

export class Lane {
  readonly folder: string;
  readonly #pool: ChildPool;
  #server: EmbeddedServer;
  #victim: ChaosChild;
  #survivor: ChaosChild;
  #isClosed = false;

  private constructor(pool: ChildPool, folder: string, server: EmbeddedServer) {
    this.folder = folder;
    this.#pool = pool;
    this.#server = server;
    this.#victim = pool.take();
    this.#survivor = pool.take();
    void this.#keepAlive();
  }

  static async open(pool: ChildPool): Promise<Lane> {
    const folder = await mkdtemp(join(tmpdir(), "chaos-"));
    return new Lane(pool, folder, await start(folder));
  }

  get redisUrl(): string {
    return this.#server.url;
  }

  get redisPid(): number {
    return this.#server.pid ?? 0;
  }

  get redisPort(): number {
    return Number(new URL(this.#server.url).port);
  }

  get victim(): ChaosChild {
    return this.#victim;
  }

  get survivor(): ChaosChild {
    return this.#survivor;
  }

  /** For the next cell. After a failed one also those that are alive: nobody knows what they do. */
  async replaceChildren(hasFailed: boolean): Promise<void> {
    if (hasFailed) await Promise.all([this.#victim.stop(), this.#survivor.stop()]);
    if (this.#victim.isDead) this.#victim = this.#pool.take();
    if (this.#survivor.isDead) this.#survivor = this.#pool.take();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#server.kill();
    await this.#server.exited;
    await rm(this.folder, { recursive: true, force: true });
  }

  async #keepAlive(): Promise<void> {
    for (;;) {
      await this.#server.exited;
      if (this.#isClosed) return;
      this.#server = await start(this.folder, this.redisPort);
    }
  }
}

async function start(folder: string, port = 0): Promise<EmbeddedServer> {
  return await startServer({
    kind: "native",
    port,
    dataDir: join(folder, "redis"),
    extraArgs: ["--appendfsync", "always"],
  });
}

/** Hands each lane to one user at a time. */
export class Lanes {
  readonly #pool: ChildPool;
  readonly #all: Lane[] = [];
  readonly #free: Lane[] = [];

  constructor(pool: ChildPool) {
    this.#pool = pool;
  }

  /** Runs a cell on a free lane, or on a new one when there is none. */
  async use<Result>(run: (lane: Lane) => Promise<Result>): Promise<Result> {
    const lane = this.#free.pop() ?? (await this.#open());
    let hasFailed = true;
    try {
      const result = await run(lane);
      hasFailed = false;
      return result;
    } finally {
      await lane.replaceChildren(hasFailed);
      this.#free.push(lane);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(async (lane) => await lane.close()));
    await this.#pool.close();
  }

  async #open(): Promise<Lane> {
    const lane = await Lane.open(this.#pool);
    this.#all.push(lane);
    return lane;
  }
}
