/**
 * Valkey compiled to WebAssembly, made usable as a server: the one place that knows the build's host
 * interface (seven functions for sockets and polling) and drives its event loop.
 *
 * The build never waits: it has to be stepped, and one pass reads at most one buffer per client,
 * runs it, and keeps the replies for the *next* pass. So whenever anything arrives, passes are run
 * until one finds nothing to do: that one has sent every reply. A timer adds a pass now and then,
 * because expiry and the timeouts of blocked clients need time to go by even when nobody speaks.
 *
 * Socket numbers index a table inside Valkey and must be small, so each is used again as soon as it
 * is free, as an operating system would.
 */
import type { Server, Socket } from "node:net";
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";
import { ConsoleEndpoint, type Endpoint, SocketEndpoint } from "./endpoint.ts";
import { encodeCommand, parseReply, type Reply, ReplyError } from "../resp.ts";
import { type WasmMemory, webAssembly } from "./web-assembly.ts";

/** The build tells sockets from files by number: these are sockets. */
const FIRST_SOCKET = 4096;
/** Valkey's table has room for 10,000 clients and 128 more numbers, counted from 0. */
const SOCKET_LIMIT = 10_000 + 128 - FIRST_SOCKET;
const READABLE = 1;
const WRITABLE = 2;

/** The resolution of time: timeouts of blocked clients and expiry are late by up to this. */
const TIMER_PASS_EVERY_MS = 10;
/** Passes in one go, after which Node may read and write sockets again before more are run. */
const PASS_LIMIT = 64;
/** Passes in which an administrative command must be answered; one or two are usual. */
const CONSOLE_PASS_LIMIT = 100;

interface ValkeyExports {
  readonly memory: WasmMemory;
  rk_boot(port: number): number;
  rk_step(): number;
}

/** Thrown through WebAssembly when Valkey calls `exit()`: after it, the machine must not be used. */
export class ValkeyExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`Valkey ended itself with code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

export interface MachineOptions {
  /** Already listening, on the port clients will use. */
  readonly listener: Server;
  readonly port: number;
  /** The compiled build. */
  readonly wasmPath: string;
  /** The only folder Valkey can see; it loads its snapshot from there. Without it, none. */
  readonly directory?: string;
  /** Called once if Valkey exits or crashes while running. The process must then end. */
  readonly onFatal: (error: unknown) => void;
  /** Called now and then while one script runs for seconds, during which nothing else can happen. */
  readonly whileBusy: () => void;
}

export class ValkeyMachine {
  readonly #endpoints: (Endpoint | undefined)[] = [];
  readonly #freeSockets: number[] = [];
  readonly #waiting: number[] = [];
  readonly #options: MachineOptions;
  #exports!: ValkeyExports;
  #words = new Int32Array(0);
  #console: { readonly socket: number; readonly endpoint: ConsoleEndpoint } | undefined;
  /** While set, only this socket is heard: everyone else waits in their buffers. */
  #exclusiveSocket: number | undefined;
  #listening = -1;
  #firedCount = 0;
  #pollCount = 0;
  #isScheduled = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: MachineOptions) {
    this.#options = options;
  }

  /**
   * Loads the build, lets it read its snapshot, and starts serving.
   *
   * @throws {@link ValkeyExit} if Valkey refuses to start, having said why on standard output
   */
  static async boot(options: MachineOptions): Promise<ValkeyMachine> {
    const machine = new ValkeyMachine(options);
    await machine.#load();
    machine.#exports.rk_boot(options.port);
    machine.#timer = setInterval(() => machine.#run(), TIMER_PASS_EVERY_MS);
    options.listener.on("connection", (socket: Socket) => machine.#admit(socket));
    return machine;
  }

  /**
   * Runs one command on behalf of this process and returns its reply. No client is heard while it
   * runs, so a `SAVE` is an image of one moment.
   */
  call(...args: string[]): Reply {
    const { socket, endpoint } = this.#openConsole();
    endpoint.send(encodeCommand(args));
    this.#exclusiveSocket = socket;
    try {
      return this.#awaitReply(endpoint, args);
    } finally {
      this.#exclusiveSocket = undefined;
      this.#schedule();
    }
  }

  /** Stops serving. Replies already given to the sockets still go out. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  async #load(): Promise<void> {
    const { directory, wasmPath } = this.#options;
    const wasi = new WASI({
      version: "preview1",
      args: ["valkey-server"],
      preopens: directory === undefined ? {} : { "/": directory },
    });
    const module = await webAssembly.compile(await readFile(wasmPath));
    const instance = await webAssembly.instantiate(module, {
      wasi_snapshot_preview1: { ...toPlainFunctions(wasi.wasiImport), proc_exit: exitValkey },
      host: this.#hostFunctions(),
      // Lua's error handling is built on an exception the host has to name.
      env: { __c_longjmp: new webAssembly.Tag({ parameters: ["i32"] }) },
    });
    wasi.initialize(instance);
    this.#exports = instance.exports as unknown as ValkeyExports;
  }

  #hostFunctions(): Record<string, (...args: number[]) => number | void> {
    return {
      socket: () => this.#assignSocket(),
      listen: (socket = -1) => {
        this.#listening = socket;
        return 0;
      },
      accept: () => this.#waiting.shift() ?? -1,
      read: (socket = 0, at = 0, length = 0) =>
        this.#endpoint(socket)?.read(this.#bytes(at, length)) ?? 0,
      write: (socket = 0, at = 0, length = 0) =>
        this.#endpoint(socket)?.write(this.#bytes(at, length)) ?? -1,
      close: (socket = 0) => this.#release(socket),
      poll: (wantedAt = 0, count = 0, firedAt = 0, limit = 0) =>
        this.#poll(wantedAt >> 2, count, firedAt >> 2, limit),
    };
  }

  /** Tells Valkey which of the sockets it asks about are ready: pairs of number and readiness. */
  #poll(wantedAt: number, count: number, firedAt: number, limit: number): number {
    // A pass polls once. It polls again only from inside a script that does not come to an end.
    if (this.#pollCount++ > 0) this.#options.whileBusy();
    const words = this.#memoryWords();
    let fired = 0;
    for (let i = wantedAt; i < wantedAt + count * 2 && fired < limit; i += 2) {
      const socket = words[i] ?? 0;
      const ready = this.#readiness(socket) & (words[i + 1] ?? 0);
      if (ready === 0) continue;
      words[firedAt + fired * 2] = socket;
      words[firedAt + fired * 2 + 1] = ready;
      fired++;
    }
    this.#firedCount = fired;
    return fired;
  }

  #readiness(socket: number): number {
    if (socket === this.#listening) return this.#waiting.length > 0 ? READABLE : 0;
    if (this.#exclusiveSocket !== undefined && socket !== this.#exclusiveSocket) return 0;
    const endpoint = this.#endpoint(socket);
    if (endpoint === undefined) return 0;
    return (endpoint.readable ? READABLE : 0) | (endpoint.writable ? WRITABLE : 0);
  }

  #admit(socket: Socket): void {
    const number = this.#assignSocket(new SocketEndpoint(socket, () => this.#schedule()));
    if (number === -1) {
      socket.on("error", () => socket.destroy());
      socket.write("-ERR max number of clients reached\r\n");
      socket.destroySoon();
      return;
    }
    this.#waiting.push(number);
    this.#schedule();
  }

  #assignSocket(endpoint?: Endpoint): number {
    const slot = this.#freeSockets.pop() ?? this.#endpoints.length;
    if (slot >= SOCKET_LIMIT) return -1;
    this.#endpoints[slot] = endpoint;
    return FIRST_SOCKET + slot;
  }

  #release(socket: number): void {
    const slot = socket - FIRST_SOCKET;
    this.#endpoints[slot]?.close();
    this.#endpoints[slot] = undefined;
    this.#freeSockets.push(slot);
  }

  #endpoint(socket: number): Endpoint | undefined {
    return this.#endpoints[socket - FIRST_SOCKET];
  }

  /** One burst of passes for everything that arrived in this turn of Node's event loop. */
  #schedule(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  #run(): void {
    if (this.#isStopped) return;
    try {
      for (let pass = 0; pass < PASS_LIMIT; pass++) {
        this.#pass();
        if (this.#firedCount === 0) return;
      }
      this.#schedule();
    } catch (error) {
      this.stop();
      this.#options.onFatal(error);
    }
  }

  #pass(): void {
    this.#firedCount = 0;
    this.#pollCount = 0;
    this.#exports.rk_step();
  }

  #openConsole(): { readonly socket: number; readonly endpoint: ConsoleEndpoint } {
    if (this.#console !== undefined && !this.#console.endpoint.isOver) return this.#console;
    const endpoint = new ConsoleEndpoint();
    const socket = this.#assignSocket(endpoint);
    if (socket === -1) throw new Error("Every socket is taken by clients, none is left for SAVE");
    this.#waiting.push(socket);
    this.#console = { socket, endpoint };
    return this.#console;
  }

  #awaitReply(endpoint: ConsoleEndpoint, args: readonly string[]): Reply {
    for (let pass = 0; pass < CONSOLE_PASS_LIMIT; pass++) {
      this.#pass();
      const parsed = parseReply(endpoint.output);
      if (parsed === undefined) continue;
      endpoint.output = endpoint.output.subarray(parsed.end);
      return parsed.reply;
    }
    // A late reply would be taken for the answer to the next command, so this console is given up.
    endpoint.close();
    return new ReplyError(`no reply to ${args[0]}, is the server paused by CLIENT PAUSE?`);
  }

  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, at, length);
  }

  #memoryWords(): Int32Array {
    // Growing the memory leaves earlier views behind empty.
    const { buffer } = this.#exports.memory;
    if (this.#words.buffer !== buffer) this.#words = new Int32Array(buffer);
    return this.#words;
  }
}

type HostFunction = (...args: unknown[]) => unknown;

/**
 * Called from WebAssembly directly, Node's WASI functions take a shortcut that goes on using memory
 * which growing has moved, and the process dies in its next garbage collection (Node 20 and 22, when
 * loading a snapshot of 10 MB). Called from JavaScript they take the long way, which is sound.
 */
function toPlainFunctions(functions: object): Record<string, HostFunction> {
  const entries = Object.entries(functions) as [string, HostFunction][];
  return Object.fromEntries(entries.map(([name, run]) => [name, (...args) => run(...args)]));
}

function exitValkey(code: number): never {
  throw new ValkeyExit(code);
}
