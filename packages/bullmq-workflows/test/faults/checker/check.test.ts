/** Every kind of violation is found in a history that was made to have it, and nothing in a good one. */
import { describe, expect, test } from "vitest";
import { check } from "./check.ts";
import { VIOLATION_KINDS } from "./evidence.ts";
import type { Evidence, ViolationKind } from "./evidence.ts";
import { evidenceOf, GOOD_HISTORY, GOOD_TOLD, kindsIn, observed, withEntry } from "./scene.ts";
import { entryAt, toldWithout, withTold } from "./scene.ts";
import type { Told } from "./scene.ts";

const again = (t: number, step: string, attempt = 1): Told => [
  t,
  "worker-3",
  { type: "started", step, attempt, key: `trial/one/${step}`, execution: "e9" },
];

const changed = { at: 1_010, text: entryAt(0).text.replace('"e1"', '"e9"') };

const killed = { type: "killed", worker: "worker-2" } as const;

const claimedAt = (t: number): Told => [t, "worker-3", { type: "claimed", fence: 3, entries: [] }];

/** The life of an instance up to the death of its worker. */
const orphaned: readonly Told[] = [
  ...toldWithout(([, , { type }]) => type === "let_go"),
  [150, "suite", killed],
];

const unfinished = { status: "running", history: GOOD_HISTORY.slice(0, -1) } as const;

const hindrance = (from: number, to: number): readonly Told[] => [
  [from, "suite", { type: "fault_began", fault: "redis-kill", strike: 1, hinders: true }],
  [to, "suite", { type: "fault_ended", fault: "redis-kill", strike: 1, hinders: true }],
];

/** What is wrong, and evidence of it. */
const SPOILED: readonly (readonly [ViolationKind, string, Evidence])[] = [
  [
    "repeated_step",
    "a step began after its outcome was acknowledged",
    evidenceOf(withTold(again(12, "do:first-1"))),
  ],
  [
    "repeated_step",
    "a worker that was told of an outcome by a claim runs the step",
    evidenceOf({ told: [...toldWithout(([t]) => t === 11), again(111, "do:first-1")] }),
  ],
  [
    "repeated_step",
    "an attempt runs again that is on record as failed",
    evidenceOf(
      withTold([
        4,
        "worker-1",
        {
          type: "acked",
          fence: 1,
          entries: ['{"type":"attempt_errored","step":"first-1","attempt":1}'],
        },
      ]),
      { mayLose: true },
    ),
  ],
  [
    "changed_outcome",
    "two workers were told of different outcomes",
    evidenceOf(withTold([130, "worker-3", { type: "claimed", fence: 3, entries: [changed.text] }])),
  ],
  [
    "recorded_twice",
    "the history has an outcome twice",
    evidenceOf({ history: GOOD_HISTORY.toSpliced(1, 0, entryAt(0)) }),
  ],
  ["lost_entry", "an acknowledged entry is not in the history", evidenceOf(withEntry(2))],
  ["lost_instance", "an instance that was created is gone", evidenceOf({}, { stored: new Map() })],
  ["lost_event", "an event that was sent is in no history", evidenceOf(withEntry(3))],
  [
    "wrong_value",
    "the recorded value is that of no execution",
    evidenceOf(withEntry(0, { output: "e7" })),
  ],
  [
    "wrong_value",
    "the output has a value that is not on record",
    evidenceOf({ output: { values: ["e1", "e3"] } }),
  ],
  [
    "wrong_value",
    "executions of a step have different idempotency keys",
    evidenceOf(
      withTold([
        6.5,
        "worker-1",
        { type: "started", step: "do:first-1", attempt: 1, key: "another", execution: "e0" },
      ]),
    ),
  ],
  [
    "unstable_order",
    "a replay saw outcomes in another order",
    evidenceOf(withTold([170, "worker-3", observed("r3", "sleep:nap-1", "slept")])),
  ],
  [
    "unstable_order",
    "the history has outcomes in another order than the code saw",
    evidenceOf({
      history: GOOD_HISTORY.toSpliced(0, 3, entryAt(1), entryAt(2), entryAt(0)),
    }),
  ],
  [
    "unstable_order",
    "a replay saw another value",
    evidenceOf(withTold([170, "worker-3", observed("r3", "do:first-1", "e9")])),
  ],
  [
    "unstable_race",
    "the race on record has another winner",
    evidenceOf(withEntry(5, { winner: "timer" })),
  ],
  [
    "unstable_race",
    "a replay saw another winner",
    evidenceOf(
      withTold(
        ...GOOD_TOLD.filter(([, by, { type }]) => by === "worker-2" && type === "observed").map(
          ([t, , fact]): Told => {
            const line = fact as ReturnType<typeof observed>;
            const value = line.step.startsWith("race:") ? "timer" : line.value;
            return [t + 100, "worker-3", { ...line, run: "r3", value }];
          },
        ),
      ),
    ),
  ],
  [
    "event_twice",
    "two waits got the same event",
    evidenceOf(withEntry(4, { payload: { number: 2, id: "left 1.1" } })),
  ],
  [
    "event_twice",
    "a wait got an event that nobody sent",
    evidenceOf(withEntry(4, { payload: { number: 2, id: "left 7.1" } })),
  ],
  [
    "event_order",
    "waits got events in another order than they were sent",
    evidenceOf({
      history: GOOD_HISTORY.toSpliced(3, 2, entryAt(4), entryAt(3)),
    }),
  ],
  [
    "early_timer",
    "by Redis's clock",
    evidenceOf({ history: GOOD_HISTORY.toSpliced(2, 1, { ...entryAt(2), at: 1_110 }) }),
  ],
  [
    "early_timer",
    "by the machine's clock",
    evidenceOf({
      told: [
        ...toldWithout(([t]) => t === 116),
        [100, "worker-2", observed("r2", "sleep:nap-1", "slept")],
      ],
    }),
  ],
  ["stuck", "an instance never ends", evidenceOf(unfinished)],
  [
    "stuck",
    "an instance is begun too late",
    evidenceOf({ told: GOOD_TOLD.map(([t, ...rest]) => [t > 4 ? t + 16_000 : t, ...rest]) }),
  ],
  [
    "stuck",
    "an instance is woken too late",
    evidenceOf({ told: GOOD_TOLD.map(([t, ...rest]) => [t > 100 ? t + 16_000 : t, ...rest]) }),
  ],
  [
    "slow_recovery",
    "the instance of a dead worker is claimed too late",
    evidenceOf({ told: [...orphaned, claimedAt(16_000)] }),
  ],
  [
    "slow_reconnect",
    "a worker claims nothing after Redis came back",
    evidenceOf(
      withTold(
        ...hindrance(200, 300),
        [300, "worker-2", { type: "claimed", fence: 2, entries: [] }],
        [6_000, "suite", { type: "created" }],
      ),
    ),
  ],
  [
    "illegal_status",
    "an instance that had ended is claimed",
    evidenceOf(withTold([170, "worker-3", { type: "claimed", fence: 3, entries: [] }])),
  ],
  [
    "illegal_status",
    "an instance that had ended is seen running",
    evidenceOf(
      withTold(
        [165, "suite", { type: "status", status: "complete", askedAt: 164 }],
        [170, "suite", { type: "status", status: "running", askedAt: 169 }],
      ),
    ),
  ],
  ["illegal_status", "a status that its history does not have", evidenceOf(withEntry(7))],
  [
    "illegal_status",
    "a resumption of what was not paused",
    evidenceOf({
      history: GOOD_HISTORY.toSpliced(1, 0, {
        at: 1_010,
        text: '{"type":"workflow_resumed","pausedMs":1}',
      }),
    }),
  ],
  [
    "wrong_end",
    "an instance ends otherwise than it was to",
    evidenceOf({ ...withEntry(7, { type: "workflow_errored" }), status: "errored" }),
  ],
  [
    "worker_failed",
    "a worker ends by itself",
    evidenceOf(withTold([170, "suite", { type: "worker_failed", worker: "worker-2", code: 1 }])),
  ],
  ["leftover", "a key of nothing is left", evidenceOf({}, { leftovers: [":activations:one.1"] })],
];

test("a good life has no violations and no losses", () => {
  expect(check(evidenceOf())).toMatchObject({ violations: [], losses: [] });
});

describe("what is found", () => {
  test.each(SPOILED)("%s: %s", (kind, _, evidence) => {
    expect(kindsIn(evidence)).toContain(kind);
  });

  test("every kind of violation is among them", () => {
    expect(new Set(SPOILED.map(([kind]) => kind))).toEqual(new Set(VIOLATION_KINDS));
  });
});

describe("a Redis that may lose", () => {
  const forgetful = { mayLose: true };

  test("its losses are counted and not held against the engine", () => {
    const verdict = check(evidenceOf(withEntry(2), forgetful));

    expect(verdict.losses.map(({ kind }) => kind)).toEqual(["lost_entry"]);
    expect(verdict.violations).toEqual([]);
  });

  test("a step that runs again is held against it when nobody said so", () => {
    expect(kindsIn(evidenceOf(withTold(again(12, "do:first-1")), forgetful))).toEqual([
      "repeated_step",
    ]);
  });

  test("a step that runs again is a loss when the instance was flagged", () => {
    const flag: Told = [11.5, "worker-1", { type: "flagged", message: "the instance is flagged" }];
    const verdict = check(evidenceOf(withTold(flag, again(12, "do:first-1")), forgetful));

    expect(verdict.losses.map(({ kind }) => kind)).toEqual(["repeated_step"]);
    expect(verdict.violations).toEqual([]);
  });
});

describe("a step that runs again before somebody else restores the instance", () => {
  const claimed: Told = [170, "worker-3", { type: "claimed", fence: 3, entries: [] }];
  const [, , attempt] = again(0, "do:first-1");
  const began: Told = [171, "worker-3", attempt];
  const restored: Told = [172, "worker-2", { type: "restored", message: "they are restored" }];
  const verdictOn = (mayLose: boolean, ...told: readonly Told[]) =>
    check(evidenceOf(withTold(...told), { mayLose }));
  const isHeld = (...told: readonly Told[]) =>
    verdictOn(true, ...told).violations.some(({ kind }) => kind === "repeated_step");

  test("is a loss", () => {
    const verdict = verdictOn(true, claimed, began, restored);

    expect(verdict.losses.map(({ kind }) => kind)).toContain("repeated_step");
    expect(isHeld(claimed, began, restored)).toBe(false);
  });

  test("is none when nobody restores it, or did so before it was lost", () => {
    expect(isHeld(claimed, began)).toBe(true);
    expect(isHeld([100, "worker-2", restored[2]], claimed, began)).toBe(true);
  });

  test("is none when the claim is older than the outcome", () => {
    expect(isHeld([10, "worker-3", claimed[2]], began, restored)).toBe(true);
  });

  test("is none when its worker had been told of the outcome", () => {
    const told: Told = [
      169,
      "worker-3",
      { type: "claimed", fence: 2.5, entries: [entryAt(0).text] },
    ];

    expect(isHeld(told, claimed, began, restored)).toBe(true);
    expect(isHeld(claimed, [171, "worker-2", attempt], restored)).toBe(true);
  });

  test("is none when its worker put something on record", () => {
    const acked: Told = [
      171.5,
      "worker-3",
      { type: "acked", fence: 3, entries: [entryAt(1).text] },
    ];

    expect(isHeld(claimed, began, acked, restored)).toBe(true);
  });

  test("is none on a Redis that may lose nothing", () => {
    expect(verdictOn(false, claimed, began, restored).violations.map(({ kind }) => kind)).toContain(
      "repeated_step",
    );
  });
});

describe("what a worker cannot be blamed for", () => {
  const kinds = (...more: readonly Told[]) => kindsIn(evidenceOf({ told: [...orphaned, ...more] }));

  test("an orphan is claimed within the bound, and it is measured", () => {
    const { measures } = check(evidenceOf({ told: [...orphaned, claimedAt(12_150)] }));

    expect(measures).toEqual([{ what: "recovery", ms: 12_000 }]);
  });

  test("an instance whose end its worker did not live to hear of needs no other", () => {
    expect(kinds()).toEqual([]);
    expect(kindsIn(evidenceOf({ told: orphaned, ...unfinished }))).toContain("slow_recovery");
  });

  test("the bound begins again when a fault ends that hindered everybody", () => {
    expect(kinds(claimedAt(24_000))).toContain("slow_recovery");
    expect(kinds(...hindrance(5_000, 10_000), claimedAt(24_000))).not.toContain("slow_recovery");
    expect(kinds(...hindrance(5_000, 10_000), claimedAt(26_000))).toContain("slow_recovery");
  });

  test("what the slowest event loop lost is added to the bound", () => {
    const stall: Told = [9_000, "worker-3", { type: "stalled", ms: 700 }];

    expect(kinds(claimedAt(15_800))).toContain("slow_recovery");
    expect(kinds(stall, claimedAt(15_800))).not.toContain("slow_recovery");
  });

  test("a worker that is silenced again after a fault need not come back meanwhile", () => {
    const silence = (from: number, strike: number): readonly Told[] => {
      const fault = { fault: "worker-freeze", strike, hinders: false } as const;
      return [
        [from, "suite", { type: "fault_began", ...fault }],
        [from, "suite", { type: "silenced", worker: "worker-1" }],
        [from + 50, "suite", { type: "fault_ended", ...fault }],
      ];
    };
    const told = withTold(
      ...silence(165, 2),
      ...hindrance(300, 400),
      ...silence(500, 3),
      [301, "worker-2", { type: "worker_up", worker: "worker-2" }],
      [6_000, "suite", { type: "created" }],
      [20_000, "suite", { type: "killed", worker: "worker-1" }],
    );

    expect(kindsIn(evidenceOf(told))).not.toContain("slow_reconnect");
  });

  test("an instance is woken by its claim, whatever becomes of its worker then", () => {
    const late = GOOD_TOLD.map(([t, ...rest]): Told => [t > 105 ? t + 16_000 : t, ...rest]);
    const claim: Told = [115, "worker-9", { type: "claimed", fence: 1.5, entries: [] }];

    expect(kindsIn(evidenceOf({ told: late }))).toContain("stuck");
    expect(kindsIn(evidenceOf({ told: [...late, claim] }))).not.toContain("stuck");
  });

  test("a late answer to a claim before the end is no claim after it", () => {
    const late: Told = [170, "worker-1", { type: "claimed", fence: 1.5, entries: [] }];

    expect(kindsIn(evidenceOf(withTold(late)))).toEqual([]);
  });

  test("timers may be early by as much as Redis's clock was moved forward", () => {
    const shift: Told = [50, "suite", { type: "redis_clock", shiftMs: 50 }];
    const early: Told = [70, "worker-2", observed("r2", "sleep:nap-1", "slept")];
    const rest = toldWithout(([t]) => t === 116);

    expect(kindsIn(evidenceOf({ told: [...rest, early] }))).toContain("early_timer");
    expect(kindsIn(evidenceOf({ told: [...rest, early, shift] }))).not.toContain("early_timer");
  });

  test("an event whose sender is unsure may be delivered or not", () => {
    const unsure = ["sending", "unsure"].map((type): Told => [
      24,
      "suite",
      { type: type as "unsure", eventType: "left", id: "left 2.0" },
    ]);

    expect(kindsIn(evidenceOf(withTold(...unsure)))).toEqual([]);
  });
});
