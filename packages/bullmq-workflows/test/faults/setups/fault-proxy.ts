/** A TCP proxy in front of one Redis whose connections can be cut, delayed, silenced or held up. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One connection: the socket of who connected, and ours to Redis. */
interface Pair {
  readonly inner: Socket;
  readonly outer: Socket;
  isSilent: boolean;
  /** Set once a replica has introduced itself on it. */
  isReplication: boolean;
}

export class FaultProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #pairs = new Set<Pair>();
  #isRefusing = false;
  #isHoldingReplication = false;
  #delayMs = 0;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
  }

  static async open(targetPort: number, port = 0): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, targetPort);
    server.on("connection", (inner) => proxy.#join(inner));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks every connection now. New ones work. */
  cut(): void {
    for (const { inner, outer } of this.#pairs) {
      inner.destroy();
      outer.destroy();
    }
  }

  /** Breaks every connection, and makes no new ones. */
  refuse(): void {
    this.#isRefusing = true;
    this.cut();
  }

  /** From now on nothing passes on the connections there are, and none is closed: half-open. New ones work. */
  silence(): void {
    for (const pair of this.#pairs) pair.isSilent = true;
  }

  /** Everything arrives this much later, in order. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** What a primary sends to its replicas waits here, and is lost when the connection ends. */
  holdReplication(): void {
    this.#isHoldingReplication = true;
  }

  /** Everything flows as it should. Connections that went silent end. */
  calm(): void {
    this.#isRefusing = false;
    this.#isHoldingReplication = false;
    this.#delayMs = 0;
    for (const { inner, outer, isSilent, isReplication } of this.#pairs) {
      if (!isSilent && !isReplication) continue;
      inner.destroy();
      outer.destroy();
    }
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(inner: Socket): void {
    if (this.#isRefusing) return void inner.destroy();
    const outer = connect(this.#targetPort, "127.0.0.1");
    const pair: Pair = { inner, outer, isSilent: false, isReplication: false };
    this.#pairs.add(pair);
    this.#forward(pair, inner, outer);
    this.#forward(pair, outer, inner);
  }

  #forward(pair: Pair, from: Socket, to: Socket): void {
    let last = Promise.resolve();
    let underWay = 0;
    from.setNoDelay(true);
    // Each error is followed by a close.
    from.on("error", () => undefined);
    from.on("close", () => {
      this.#pairs.delete(pair);
      if (!pair.isSilent) to.destroy();
    });
    from.on("data", (chunk) => {
      if (from === pair.inner && isFromReplica(chunk)) pair.isReplication = true;
      if (pair.isSilent) return;
      if (this.#isHoldingReplication && pair.isReplication && from === pair.outer) return;
      if (this.#delayMs === 0 && underWay === 0) return void to.write(chunk);
      underWay++;
      const arrived = sleep(this.#delayMs);
      const before = last;
      last = (async () => {
        await Promise.all([before, arrived]);
        underWay--;
        to.write(chunk);
      })();
    });
  }
}

function isFromReplica(chunk: Buffer): boolean {
  return chunk.length < 1_024 && /REPLCONF/i.test(chunk.toString("latin1"));
}
