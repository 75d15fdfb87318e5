/** What `dev` tells its user. */
import type { Terminal } from "../terminal.ts";
import { dim, styled } from "../text.ts";
import type { Text } from "../text.ts";
import { frameOf } from "./code-frame.ts";
import type { Failure, LoadedProgram } from "./messages.ts";

interface DevScreenParts {
  readonly terminal: Terminal;
  readonly directory: string;
  /** By `performance.now()`. */
  readonly startedAt: number;
}

interface Surroundings {
  readonly file: string;
  readonly redis: string;
  readonly url: string;
  readonly namespace: string;
}

export class DevScreen {
  readonly #parts: DevScreenParts;
  #surroundings: Surroundings | undefined;
  /** What the last version was, to say only what is new. */
  #last: string | undefined;
  #hasFailed = false;

  constructor(parts: DevScreenParts) {
    this.#parts = parts;
  }

  begin(surroundings: Surroundings): void {
    this.#surroundings = surroundings;
    this.#say(["  Code      ", surroundings.file]);
    this.#say(["  Redis     ", surroundings.redis]);
    this.#say(["  API       ", this.#api]);
    this.#say(["  Reference ", `${surroundings.url}/client/v4/docs`]);
  }

  sayLoaded(program: LoadedProgram, tookMs: number, cause: string | undefined): void {
    const isFirst = this.#last === undefined;
    this.#sayProgram(program);
    if (isFirst) return this.#sayReady(program, tookMs);
    const why = cause === undefined ? "" : ` (${cause})`;
    this.#say(styled("green", `Reloaded in ${Math.round(tookMs)} ms${why}`));
  }

  sayFailed({ message, code, stack = "" }: Failure, isRunning: boolean): void {
    this.#hasFailed = true;
    const { terminal, directory } = this.#parts;
    terminal.warn("");
    terminal.warn(styled("red", code === undefined ? message : `${message} (${code})`));
    const frame = frameOf(stack, directory);
    if (frame !== undefined) terminal.warn(`\n${frame}`);
    if (stack !== "") terminal.warn(dim(`\n${stack}`));
    const then = isRunning ? "The version before goes on" : "Nothing runs";
    terminal.warn(styled("yellow", `\n${then}, until a file changes.`));
  }

  sayCrashed(how: string, isBack: boolean): void {
    const then = isBack ? "starting it again." : "waiting for a file to change.";
    this.#parts.terminal.warn(
      styled("red", `The code's process ended by itself (${how}): ${then}`),
    );
  }

  #sayProgram({ workflows, notes }: LoadedProgram): void {
    const text = JSON.stringify([workflows, notes]);
    if (text === this.#last) return;
    this.#last = text;
    for (const workflow of workflows) this.#say(["  Workflow  ", workflow]);
    for (const note of notes) this.#parts.terminal.warn(["  Note      ", styled("yellow", note)]);
  }

  #sayReady({ workflows, port }: LoadedProgram, tookMs: number): void {
    const url = this.#surroundings?.url ?? "";
    if (port !== undefined) this.#say(["  Handler   ", url]);
    const [workflow] = workflows;
    if (workflow !== undefined) {
      this.#say(["  Try       ", dim(`curl -X POST ${this.#api}/${workflow}/instances -d '{}'`)]);
    }
    // How long its user took to mend the code is no matter.
    const ms = this.#hasFailed ? tookMs : performance.now() - this.#parts.startedAt;
    const took = (ms / 1_000).toFixed(1);
    this.#say(styled("green", `Ready on ${url} in ${took} s, watching for changes`));
  }

  get #api(): string {
    const { url, namespace } = this.#surroundings ?? { url: "", namespace: "" };
    return `${url}/client/v4/accounts/${namespace}/workflows`;
  }

  #say(line: Text): void {
    this.#parts.terminal.say(line);
  }
}
