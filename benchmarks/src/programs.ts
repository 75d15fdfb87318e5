/**
 * What the engines are asked to run, written once against the few things that all of them can do.
 *
 * Each engine hands in its own steps. A program leaves marks: in which process and when it came to a
 * point. A replay leaves a mark again; the first one counts.
 */

/** What a workflow engine offers inside a workflow, as far as the benchmark uses it. */
export interface Steps {
  do<T>(name: string, callback: () => T | Promise<T>): Promise<T>;
  sleep(name: string, ms: number): Promise<void>;
  waitForEvent(name: string, type: string): Promise<unknown>;
}

export interface Program {
  readonly name: ProgramName;
  /** What the program repeats: steps, sleeps, events or branches. */
  readonly count: number;
  /** How long it sleeps, or its step takes. */
  readonly ms: number;
}

/** Where a program says how far it is. */
export type Mark = (label: string, value?: number) => void;

type Body = (steps: Steps, program: Program, mark: Mark) => Promise<unknown>;

/** The size of a window in which the steps of a long instance are timed. */
const WINDOW = 100;

export const EVENT_TYPE = "go";

const BODIES = {
  /** Trivial steps, one after the other. */
  async steps(steps, { count }) {
    let sum = 0;
    for (let i = 1; i <= count; i++) sum += await steps.do(`step ${i}`, () => i);
    return sum;
  },

  /** The same, timed: how many ms a step takes around the 10th, the 1,000th and so on. */
  async timed(steps, { count }) {
    const at = [performance.now()];
    for (let i = 1; i <= count; i++) {
      await steps.do(`step ${i}`, () => i);
      at.push(performance.now());
    }
    return windowsOf(at);
  },

  async sleeper(steps, { ms }, mark) {
    const dueAt = await steps.do("before", () => Date.now() + ms);
    mark("waiting");
    await steps.sleep("rest", ms);
    await steps.do("after", () => mark("woken", Date.now() - dueAt));
  },

  async waiter(steps, _, mark) {
    await steps.do("before", () => 1);
    mark("waiting");
    await steps.waitForEvent("wait", EVENT_TYPE);
    await steps.do("after", () => mark("woken"));
  },

  async naps(steps, { count, ms }, mark) {
    for (let i = 1; i <= count; i++) {
      await steps.sleep(`nap ${i}`, ms);
      mark(`wait ${i}`);
    }
  },

  async inbox(steps, { count }, mark) {
    for (let i = 1; i <= count; i++) {
      if (i === 1) mark("waiting");
      await steps.waitForEvent(`event ${i}`, EVENT_TYPE);
      mark(`wait ${i}`);
    }
  },

  async fan(steps, { count }) {
    const branches = Array.from({ length: count }, async (_, i) => {
      return await steps.do(`branch ${i}`, () => i);
    });
    return (await Promise.all(branches)).length;
  },

  /** Steps that take a while, each of which says that it began. */
  async slow(steps, { count, ms }, mark) {
    for (let i = 1; i <= count; i++) {
      await steps.do(`slow ${i}`, async () => {
        mark("begun");
        await new Promise((resolve) => setTimeout(resolve, ms));
      });
    }
  },
} satisfies Record<string, Body>;

export type ProgramName = keyof typeof BODIES;

export async function runProgram(steps: Steps, program: Program, mark: Mark): Promise<unknown> {
  const body: Body = BODIES[program.name];
  const output = await body(steps, program, mark);
  mark("ended");
  return output ?? null;
}

/** Mean ms of the last `WINDOW` intervals before each power of ten, by that number. */
function windowsOf(at: readonly number[]): Record<string, number> {
  const windows: Record<string, number> = {};
  for (let n = 10; n < at.length; n *= 10) {
    // Around the 10th there is no room before it.
    const to = Math.min(Math.max(n, WINDOW + 5), at.length - 1);
    const from = Math.max(5, to - WINDOW);
    windows[n] = ((at[to] ?? 0) - (at[from] ?? 0)) / (to - from);
  }
  return windows;
}
