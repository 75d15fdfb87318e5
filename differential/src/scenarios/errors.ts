/** What is thrown in a step or by `run`, and what arrives. */
import { settle } from "../describe.ts";
import type { Scenario } from "../scenario.ts";

const ONCE = { retries: { limit: 0, delay: 0 } };

class OwnError extends Error {
  override readonly name = "OwnError";
  readonly order = 7;
}

const THROWN: readonly (readonly [string, () => unknown])[] = [
  ["an Error", () => new Error("boom")],
  ["an Error without a message", () => new Error()],
  ["an Error with a cause", () => new Error("boom", { cause: "why" })],
  ["an Error with properties", () => Object.assign(new Error("boom"), { code: "E_BOOM" })],
  ["a TypeError", () => new TypeError("no")],
  ["a RangeError", () => new RangeError("no")],
  ["a SyntaxError", () => new SyntaxError("no")],
  ["a ReferenceError", () => new ReferenceError("no")],
  ["an EvalError", () => new EvalError("no")],
  ["a URIError", () => new URIError("no")],
  ["an AggregateError", () => new AggregateError([new Error("inner")], "many")],
  ["an error of an own class", () => new OwnError("mm")],
  ["an error of an own class without a name", () => new (class Nameless extends Error {})("mm")],
  ["a TypeError by another name", () => Object.assign(new TypeError("no"), { name: "Other" })],
  [
    "an Error by the name of TypeError",
    () => Object.assign(new Error("no"), { name: "TypeError" }),
  ],
  ["an error with an empty name", () => Object.assign(new Error("no"), { name: "" })],
  ["a message of several lines", () => new Error("one\ntwo: three\nfour")],
  ["a DOMException", () => new DOMException("no", "DataCloneError")],
  ["a text", () => "str"],
  ["a number", () => 5],
  ["an object", () => ({ a: 1 })],
  ["a list", () => [1, 2]],
  ["a Date", () => new Date(0)],
  ["null", () => null],
  ["undefined", () => undefined],
];

export const ERRORS: readonly Scenario[] = [
  ...THROWN.map(
    ([what, make]) =>
      ({
        name: `error of a step: ${what}`,
        run: async (step) =>
          await settle(
            step.do("a", ONCE, () => {
              throw make();
            }),
          ),
      }) satisfies Scenario,
  ),
  ...THROWN.map(
    ([what, make]) =>
      ({
        name: `error of run: ${what}`,
        run: async () => {
          throw make();
        },
      }) satisfies Scenario,
  ),
  {
    name: "error of a step: nobody catches it",
    run: async (step) =>
      await step.do("a", ONCE, () => {
        throw new OwnError("instep");
      }),
  },
  {
    name: "error of a step: caught and thrown again by another step",
    run: async (step) =>
      await settle(
        step.do("outer", ONCE, async () => {
          await step.do("inner", ONCE, () => {
            throw new OwnError("deep");
          });
        }),
      ),
  },
];
