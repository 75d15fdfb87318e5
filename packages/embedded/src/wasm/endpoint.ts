/**
 * The two things that can be at the other end of one of Valkey's socket numbers: a real TCP client,
 * or the console, through which this process itself talks to the server without a network.
 */
import type { Socket } from "node:net";

/** Unsent reply bytes above which Valkey keeps further replies of that client to itself. */
const UNSENT_LIMIT_BYTES = 1024 * 1024;

/** How long a closed connection may take to read its last replies. */
const LINGER_MS = 5_000;

export interface Endpoint {
  readonly readable: boolean;
  readonly writable: boolean;
  /** Copies waiting input into `target`; 0 means end of input, -1 nothing yet. */
  read(target: Uint8Array): number;
  /** Takes over (part of) a reply; 0 means not now, -1 nobody is there anymore. */
  write(bytes: Uint8Array): number;
  close(): void;
}

/** Input that arrived and that Valkey has not read yet. */
class Inbox {
  readonly #chunks: Buffer[] = [];
  #offset = 0;

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  drainInto(target: Uint8Array): number {
    let copied = 0;
    while (copied < target.length) {
      const head = this.#chunks[0];
      if (head === undefined) break;
      const part = head.subarray(this.#offset, this.#offset + target.length - copied);
      target.set(part, copied);
      copied += part.length;
      this.#offset += part.length;
      if (this.#offset < head.length) break;
      this.#chunks.shift();
      this.#offset = 0;
    }
    return copied;
  }
}

export class SocketEndpoint implements Endpoint {
  readonly #socket: Socket;
  readonly #inbox = new Inbox();
  #ended = false;

  /** `wake` is called whenever Valkey may have something to do for this client. */
  constructor(socket: Socket, wake: () => void) {
    this.#socket = socket;
    const end = (): void => {
      this.#ended = true;
      wake();
    };
    socket.on("data", (chunk: Buffer) => {
      this.#inbox.push(chunk);
      wake();
    });
    socket.on("drain", wake);
    socket.on("end", end);
    socket.on("error", end);
    socket.on("close", end);
  }

  get readable(): boolean {
    return this.#ended || !this.#inbox.isEmpty;
  }

  get writable(): boolean {
    return this.#socket.writableLength < UNSENT_LIMIT_BYTES;
  }

  read(target: Uint8Array): number {
    if (this.#inbox.isEmpty) return this.#ended ? 0 : -1;
    return this.#inbox.drainInto(target);
  }

  write(bytes: Uint8Array): number {
    if (!this.#socket.writable) return -1;
    if (!this.writable) return 0;
    // A copy, because the bytes live in Valkey's memory, which it reuses at once.
    this.#socket.write(Buffer.from(bytes));
    return bytes.length;
  }

  close(): void {
    this.#socket.setTimeout(LINGER_MS, () => this.#socket.destroy());
    this.#socket.destroySoon();
  }
}

export class ConsoleEndpoint implements Endpoint {
  readonly #inbox = new Inbox();
  readonly writable = true;
  /** Everything Valkey replied and nobody took yet. */
  output: Buffer = Buffer.alloc(0);
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  get readable(): boolean {
    return this.#isOver || !this.#inbox.isEmpty;
  }

  send(bytes: Buffer): void {
    this.#inbox.push(bytes);
  }

  read(target: Uint8Array): number {
    if (this.#isOver) return 0;
    return this.#inbox.isEmpty ? -1 : this.#inbox.drainInto(target);
  }

  write(bytes: Uint8Array): number {
    this.output = Buffer.concat([this.output, bytes]);
    return bytes.length;
  }

  /** Also how this side hangs up: Valkey then reads the end of input. */
  close(): void {
    this.#isOver = true;
  }
}
