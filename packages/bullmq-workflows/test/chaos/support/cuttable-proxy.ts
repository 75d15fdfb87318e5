/** A TCP proxy in front of Redis, inside the process that uses it, whose connections can be cut. */
import { EventEmitter, once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** `awaits-request` and `awaits-answer`: about to cut when the next request was answered. */
type Mood = "calm" | "awaits-request" | "awaits-answer" | "frozen" | "closed";

export class CuttableProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #events = new EventEmitter<{ used: [] }>();
  #mood: Mood = "calm";
  #usedCount = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(redisPort: number): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(server);
    server.on("connection", (client) => proxy.#join(client, redisPort));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections were made so far, and something asked on them. */
  get usedCount(): number {
    return this.#usedCount;
  }

  /** Resolves when {@link usedCount} is as high as that. */
  async used(count: number): Promise<void> {
    while (this.#usedCount < count) await once(this.#events, "used");
  }

  /** Breaks every connection now. */
  cut(): void {
    if (this.#mood !== "frozen" && this.#mood !== "closed") this.#mood = "calm";
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets the next request through, keeps its answer back, and breaks every connection. */
  cutAtNextAnswer(): void {
    this.#mood = "awaits-request";
  }

  /** Keeps back all answers on connections made from now on. */
  freeze(): void {
    this.#mood = "frozen";
  }

  /** Makes no connections any more. Resolves when so many were refused. */
  async refuse(count: number): Promise<void> {
    this.#mood = "closed";
    this.cut();
    while (count-- > 0) await once(this.#server, "connection");
  }

  /** Brings the answers that were kept back, and everything flows again. */
  thaw(): void {
    this.#mood = "calm";
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(client: Socket, redisPort: number): void {
    if (this.#mood === "closed") return void client.destroy();
    const server = connect(redisPort, "127.0.0.1");
    if (this.#mood === "frozen") server.pause();
    let isDoomed = false;
    client.once("data", () => {
      this.#usedCount++;
      this.#events.emit("used");
    });
    client.on("data", (chunk) => {
      if (this.#mood === "awaits-request") {
        this.#mood = "awaits-answer";
        isDoomed = true;
      }
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      if (isDoomed && this.#mood === "awaits-answer") return this.cut();
      client.write(chunk);
    });
    this.#tie(client, server);
    this.#tie(server, client);
  }

  #tie(socket: Socket, other: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    // Each error is followed by a close.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }
}
