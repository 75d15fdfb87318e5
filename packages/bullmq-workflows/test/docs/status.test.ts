import { expect, test } from "vitest";
import { STATUSES, TRANSITIONS } from "../../src/model/status.ts";
import { readPage, readRows } from "./pages.ts";

/** The transition table as a Mermaid state diagram. */
function drawTransitions(): string {
  const lines = ["stateDiagram-v2", "    [*] --> queued"];
  for (const from of STATUSES) {
    for (const to of TRANSITIONS[from]) lines.push(`    ${from} --> ${to}`);
  }
  return lines.join("\n");
}

test("the diagram in docs/instances.md is the transition table", () => {
  const [, diagram = ""] = /```mermaid\n([\s\S]*?)\n```/.exec(readPage("docs/instances.md")) ?? [];

  expect(diagram).toBe(drawTransitions());
});

test("docs/instances.md has a row for every status, in the order of a usual life", () => {
  const rows = readRows("docs/instances.md").map(([status]) => status);

  expect(rows.filter((name) => (STATUSES as readonly unknown[]).includes(name))).toEqual(STATUSES);
});
