import { expect, test } from "vitest";
import type { Outcome } from "./bench.ts";
import { formatAbsent, formatTables } from "./report/table.ts";
import { summarize } from "./summary.ts";
import type { Figure } from "./workload.ts";
import { WORKLOADS } from "./workloads/index.ts";

const FIGURES: readonly Figure[] = [
  { key: "perSecond", title: "workflows/s", better: "more" },
  { key: "bytes", title: "bytes", isAbsolute: true },
];

function summarizeAll(outcomes: readonly Partial<Outcome>[]) {
  const [first] = WORKLOADS;
  if (first === undefined) throw new Error("there are no workloads");
  const full = outcomes.map((outcome) => ({
    engine: "ours" as const,
    variant: "",
    size: 10,
    samples: [],
    ...outcome,
  }));
  return summarize({ workload: { ...first, figures: FIGURES }, outcomes: full });
}

test("a figure is compared with the floor's of the same arrangement", () => {
  const rows = summarizeAll([
    { engine: "floor", variant: "always", samples: [{ perSecond: 100 }] },
    { engine: "floor", variant: "no", samples: [{ perSecond: 400 }] },
    { variant: "no", samples: [{ perSecond: 90 }, { perSecond: 100 }, { perSecond: 130 }] },
  ]);

  const cell = rows[2]?.cells[0];

  expect(cell).toMatchObject({ median: 100, lowest: 90, highest: 130, ratio: 0.25 });
});

test("a figure that the floor is no measure for has no ratio", () => {
  const rows = summarizeAll([
    { engine: "floor", samples: [{ bytes: 10 }] },
    { samples: [{ bytes: 1_000 }] },
  ]);

  expect(rows[1]?.cells[1]?.ratio).toBeUndefined();
});

test("the table has a row per engine that ran, and the columns that any of them has", () => {
  const rows = summarizeAll([
    { engine: "floor", samples: [{ perSecond: 2_000 }] },
    { samples: [{ perSecond: 900 }, { perSecond: 1_100 }] },
    { engine: "dbos", absent: "no PostgreSQL" },
  ]);

  expect(formatTables(FIGURES, rows)).toEqual([
    [
      "| engine | runs a round |          workflows/s |",
      "| ------ | -----------: | -------------------: |",
      "| floor  |           10 |        2,000 (1.00×) |",
      "| ours   |           10 | 1,000 ±10 % (0.500×) |",
    ].join("\n"),
  ]);
});

test("an engine that is absent everywhere for one reason is named once", () => {
  const rows = summarizeAll([
    { engine: "dbos", variant: "1 worker", absent: "no PostgreSQL" },
    { engine: "dbos", variant: "2 workers", absent: "no PostgreSQL" },
    { engine: "restate", variant: "1 worker" },
    { engine: "restate", variant: "2 workers", absent: "one address" },
  ]);

  expect(formatAbsent(rows)).toEqual([
    "- dbos: no PostgreSQL",
    "- restate, 2 workers: one address",
  ]);
});
