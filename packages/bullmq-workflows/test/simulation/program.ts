/**
 * What a simulated workflow does: a small language of steps, waits, races and parallel branches.
 *
 * A program is plain data, so that fast-check can make it, shrink it and print it. Every node is known
 * by its path in the tree, which is the same in every pass through the program.
 */
import * as fc from "fast-check";

/** A `step.do` that fails a number of times, and may call steps inside its callback. */
export interface DoNode {
  readonly op: "do";
  /** Picks a name from a small pool, so that names repeat. */
  readonly name: number;
  readonly failures: number;
  readonly retries: number;
  readonly delayMs: number;
  readonly lastsMs: number;
  readonly timeoutMs: number;
  /** Fails with a NonRetryableError instead of one that is retried. */
  readonly isFinal: boolean;
  readonly inside: readonly Leaf[];
  /** How it is undone, if it is. Steps inside others are not: their callbacks do not run again. */
  readonly undo: Undo | undefined;
}

/** A rollback that fails a number of times. */
export interface Undo {
  readonly failures: number;
  readonly retries: number;
  readonly delayMs: number;
  readonly lastsMs: number;
}

export type Leaf =
  | DoNode
  | { readonly op: "sleep"; readonly name: number; readonly ms: number }
  /** Until this long after the instance was created: may be past already. */
  | { readonly op: "sleepUntil"; readonly name: number; readonly ms: number }
  | {
      readonly op: "wait";
      readonly name: number;
      readonly type: EventType;
      readonly timeoutMs: number;
    };

export type Node =
  | Leaf
  /** Awaits something of its own, as a `fetch` outside a step would be. */
  | { readonly op: "outside"; readonly ms: number }
  | { readonly op: Combinator; readonly branches: readonly (readonly Node[])[] }
  /** Asks for its branches, does something else, and only then lets them race. */
  | {
      readonly op: "stepRace";
      readonly name: number;
      readonly branches: readonly Leaf[];
      readonly meanwhile: readonly Leaf[];
    }
  | { readonly op: "unawaited"; readonly step: Leaf };

export type Combinator = "all" | "allSettled" | "race" | "any";
export type EventType = "red" | "blue";

export interface Program {
  readonly statements: readonly Node[];
  /** Whether `run` throws at the end instead of returning. */
  readonly throws: boolean;
  /** How long its start is delayed. */
  readonly delayMs: number;
}

/** Where something happens matters less than what it happens close to, so instants come in clusters. */
const SHORT_MS = [0, 1, 10, 49, 50, 51, 100];
const LONG_MS = [900, 1_000, 1_001, 2_500, 5_000, 6_000, 12_000];
const duration = fc.oneof(fc.constantFrom(...SHORT_MS), fc.constantFrom(...LONG_MS));
const name = fc.nat({ max: 2 });
const eventType = fc.constantFrom<EventType>("red", "blue");

const sleep = fc.record({ op: fc.constant("sleep" as const), name, ms: duration });
const sleepUntil = fc.record({ op: fc.constant("sleepUntil" as const), name, ms: duration });
const wait = fc.record({
  op: fc.constant("wait" as const),
  name,
  type: eventType,
  timeoutMs: fc.constantFrom(1_000, 1_001, 3_000, 8_000, 20_000),
});

const undo: fc.Arbitrary<Undo | undefined> = fc.option(
  fc.record({
    failures: fc.constantFrom(0, 0, 0, 1, 2),
    retries: fc.constantFrom(0, 1, 2),
    delayMs: fc.constantFrom(0, 1, 60, 1_000, 3_000),
    lastsMs: fc.constantFrom(0, 0, 0, 1, 30, 1_500),
  }),
  { nil: undefined },
);

function doNode(
  inside: fc.Arbitrary<readonly Leaf[]>,
  undoing: fc.Arbitrary<Undo | undefined> = fc.constant(undefined),
): fc.Arbitrary<DoNode> {
  const quick = fc.constantFrom(0, 0, 0, 0, 1, 30);
  return fc.record({
    op: fc.constant("do" as const),
    name,
    failures: fc.constantFrom(0, 0, 0, 1, 2),
    retries: fc.constantFrom(0, 1, 2),
    delayMs: fc.constantFrom(0, 1, 60, 1_000, 3_000),
    lastsMs: fc.oneof({ weight: 3, arbitrary: quick }, fc.constantFrom(900, 1_500, 4_000, 9_000)),
    timeoutMs: fc.constantFrom(60_000, 60_000, 60_000, 2_000, 20),
    isFinal: fc.constantFrom(false, false, false, true),
    inside,
    undo: undoing,
  });
}

const noSteps = fc.constant<readonly Leaf[]>([]);
const innermost: fc.Arbitrary<Leaf> = fc.oneof(
  { weight: 3, arbitrary: doNode(noSteps) },
  sleep,
  wait,
);
const someInside = fc.oneof(
  { weight: 4, arbitrary: noSteps },
  fc.array<Leaf>(
    fc.oneof({ weight: 4, arbitrary: innermost }, doNode(fc.array(innermost, { maxLength: 2 }))),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
);
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  { weight: 4, arbitrary: doNode(someInside, undo) },
  { weight: 2, arbitrary: sleep },
  { weight: 1, arbitrary: sleepUntil },
  { weight: 2, arbitrary: wait },
);

const outside = fc.record({
  op: fc.constant("outside" as const),
  ms: fc.constantFrom(0, 5, 5, 90, 90, 3_000),
});
const stepRace = fc.record({
  op: fc.constant("stepRace" as const),
  name,
  branches: fc.array(leaf, { minLength: 1, maxLength: 3 }),
  meanwhile: fc.oneof(fc.constant([]), fc.array(leaf, { maxLength: 1 })),
});
const unawaited = fc.record({ op: fc.constant("unawaited" as const), step: leaf });

const { node } = fc.letrec<{ node: Node; branch: readonly Node[] }>((tie) => ({
  branch: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
  node: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    { weight: 5, arbitrary: leaf },
    { weight: 1, arbitrary: outside },
    { weight: 1, arbitrary: stepRace },
    { weight: 1, arbitrary: unawaited },
    {
      weight: 3,
      arbitrary: fc.record({
        op: fc.constantFrom<Combinator>("all", "allSettled", "race", "any"),
        branches: fc.array(tie("branch"), { minLength: 1, maxLength: 3 }),
      }),
    },
  ),
}));

export const program: fc.Arbitrary<Program> = fc.record({
  statements: fc.array(node, { minLength: 1, maxLength: 4 }),
  throws: fc.constantFrom(false, false, false, true),
  delayMs: fc.constantFrom(0, 0, 0, 0, 1_000),
});

/** Whether the order in which steps are called depends on more than recorded outcomes. */
export function hasOutside(nodes: readonly Node[]): boolean {
  return longestOutsideMs(nodes) >= 0;
}

/** Whether a rollback fails more often than it is tried. */
export function hasUndoThatFails(nodes: readonly Node[]): boolean {
  return nodes.some((node) => {
    if (node.op === "do") return node.undo !== undefined && node.undo.failures > node.undo.retries;
    if (node.op === "unawaited") return hasUndoThatFails([node.step]);
    if (node.op === "stepRace") return hasUndoThatFails([...node.branches, ...node.meanwhile]);
    return "branches" in node && node.branches.some(hasUndoThatFails);
  });
}

/** The longest time that code takes outside steps, in ms; -1 if it takes none. */
export function longestOutsideMs(nodes: readonly Node[]): number {
  const lengths = nodes.map((node) => {
    if (node.op === "outside") return node.ms;
    if (!("branches" in node) || node.op === "stepRace") return -1;
    return Math.max(...node.branches.map(longestOutsideMs));
  });
  return Math.max(-1, ...lengths);
}

/** How long the nodes can take at most when nothing goes wrong, in ms; generously. */
export function longestMs(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => sum + longestOf(node), 0);
}

function longestOf(node: Node): number {
  switch (node.op) {
    case "do":
      return (
        (node.retries + 1) * (node.lastsMs + node.delayMs + longestMs(node.inside)) +
        (node.undo ? (node.undo.retries + 1) * (node.undo.lastsMs + node.undo.delayMs) : 0)
      );
    case "sleep":
    case "sleepUntil":
    case "outside":
      return node.ms;
    case "wait":
      return node.timeoutMs;
    case "unawaited":
      return longestOf(node.step);
    case "stepRace":
      return longestMs(node.branches) + longestMs(node.meanwhile);
    default:
      return node.branches.reduce((sum, branch) => sum + longestMs(branch), 0);
  }
}
