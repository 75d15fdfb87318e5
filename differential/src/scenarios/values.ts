/** What steps may return and `run` too, and what becomes of it. */
import { describe, settle } from "../describe.ts";
import type { Scenario } from "../scenario.ts";

const ONCE = { retries: { limit: 0, delay: 0 } };

class Money {
  readonly cents = 5;
}

class OwnError extends Error {
  override readonly name = "OwnError";
  readonly order = 7;
}

function circular(): object {
  const self: { self?: unknown } = {};
  self.self = self;
  return self;
}

const KEPT: readonly (readonly [string, () => unknown])[] = [
  ["undefined", () => undefined],
  ["null", () => null],
  ["zero, false and the empty text", () => [0, false, ""]],
  ["NaN and infinities", () => [Number.NaN, Infinity, -Infinity]],
  ["nested objects", () => ({ a: [1, { b: "text", c: null }], d: undefined })],
  ["a Date", () => new Date(86_400_000)],
  ["a Map", () => new Map([["a", 1]])],
  ["a Set", () => new Set([1, "a"])],
  ["a RegExp", () => /a+/gi],
  ["a BigInt", () => 5n],
  ["an ArrayBuffer", () => new Uint8Array([1, 2, 3]).buffer],
  ["a Uint8Array", () => new Uint8Array([1, 2, 3])],
  ["a Float64Array", () => new Float64Array([1.5, -2])],
  ["a view", () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3)],
  ["an Error", () => new RangeError("too far")],
  ["an error of an own class", () => new OwnError("own")],
];

const REFUSED: readonly (readonly [string, () => unknown])[] = [
  ["a function", () => () => 1],
  ["an object with a function", () => ({ a: { b: () => 1 } })],
  ["a class instance", () => new Money()],
  ["an object with a class instance", () => ({ price: new Money() })],
  ["a symbol", () => Symbol("x")],
  ["a Response", () => new Response("text")],
  ["a URL", () => new URL("https://example.com/a")],
  ["a circular object", circular],
];

export const VALUES: readonly Scenario[] = [
  ...KEPT.map(
    ([what, make]) =>
      ({
        name: `step result: ${what}`,
        run: async (step) => describe(await step.do("a", make)),
      }) satisfies Scenario,
  ),
  ...KEPT.map(
    ([what, make]) =>
      ({
        name: `output: ${what}`,
        run: async () => make(),
      }) satisfies Scenario,
  ),
  ...REFUSED.map(
    ([what, make]) =>
      ({
        name: `step result that is refused: ${what}`,
        async run(step, _event, { count }) {
          const config = { retries: { limit: 1, delay: 1 } };
          const outcome = await settle(
            step.do("a", config, () => {
              count("a");
              return make();
            }),
          );
          return [outcome, count("a") - 1];
        },
      }) satisfies Scenario,
  ),
  ...REFUSED.map(
    ([what, make]) =>
      ({
        name: `output that is refused: ${what}`,
        run: async () => make(),
      }) satisfies Scenario,
  ),
  {
    name: "step result: a clone",
    async run(step) {
      const made = { list: [1] };
      const got = await step.do<typeof made>("a", () => made);
      made.list.push(2);
      got.list.push(3);
      return [made, got, made === got];
    },
  },
  {
    name: "step result: more than 1 MiB",
    run: async (step) => {
      const give = (): string => "x".repeat(1_100_000);
      const outcome = await settle(step.do<string>("a", ONCE, give).then((text) => text.length));
      return outcome;
    },
  },
  {
    name: "params: of every kind",
    run: async (_step, event) => describe(event.payload),
    async drive({ create, ended }) {
      const all = [undefined, null, 5, "text", [1, 2], { a: new Date(0) }, new Map([[1, 2]])];
      for (const params of all) await ended(await create({ params }));
    },
  },
  {
    name: "sensitive: the value is returned",
    run: async (step) => await step.do("a", { sensitive: "output" }, () => "secret"),
  },
];
