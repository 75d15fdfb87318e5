import { expect, test } from "vitest";
import { WorkflowEntrypoint } from "../model/workflow.ts";
import { resolveEngineConfig } from "./engine-config.ts";
import { toDefinition } from "./workflow-options.ts";

class Empty extends WorkflowEntrypoint {
  async run(): Promise<void> {}
}

test.each([
  ["a misspelled option", { name: "a", concurency: { limit: 1 } }, "concurency"],
  ["a number where an object belongs", { name: "a", concurrency: 5 }, "concurrency"],
  ["a misspelled limit", { name: "a", concurrency: { limits: 5 } }, "limits"],
  ["a duration where an object belongs", { name: "a", retention: "1 day" }, "retention"],
])("%s is refused by name", (_, options, named) => {
  expect(() => toDefinition(Empty, options as never, {})).toThrow(named);
});

test.each([
  ["undefined", undefined],
  ["an arrow function", () => {}],
  ["an object", new Empty({} as never, {})],
])("%s is no workflow", (_, given) => {
  expect(() => toDefinition(given as never, { name: "a" }, {})).toThrow("workflowClass");
});

test("an engine option that does not exist is refused by name", () => {
  expect(() => resolveEngineConfig({ lese: 5 } as never)).toThrow("lese");
});

test.each([
  [
    "another method alone",
    class {
      async runs(): Promise<void> {}
    },
  ],
  [
    "a field that each object gets",
    class {
      readonly run = async (): Promise<void> => {};
    },
  ],
])("a class without the method `run` is refused: %s", (_, given) => {
  expect(() => toDefinition(given as never, { name: "a" }, {})).toThrow(/`workflowClass`.*`run\(/);
});

test("a class may inherit its `run`", () => {
  class Base {
    async run(): Promise<void> {}
  }
  class Derived extends Base {}

  expect(toDefinition(Derived, { name: "a" }, {}).name).toBe("a");
});
