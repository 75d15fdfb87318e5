import { expect, test } from "vitest";
import { startBody } from "../../test/support/harness.ts";

test("counts has every status", async () => {
  const { clock, workflow } = await startBody(async (step, event) => {
    if (event.payload === "sleeper") await step.sleep("s", "1 day");
  });
  await workflow.create({ params: "sleeper" });
  await clock.settle();

  const counts = await workflow.counts();

  expect(counts).toEqual({
    queued: 0,
    running: 0,
    waiting: 1,
    waitingForPause: 0,
    paused: 0,
    rollingBack: 0,
    complete: 1,
    errored: 0,
    terminated: 0,
  });
});

test("list gives the ids in a status, newest first, a page at a time", async () => {
  const { clock, workflow } = await startBody(async () => {}, { workers: 0 });
  for (const id of ["a", "b"]) {
    await clock.advance(1);
    await workflow.create({ id });
  }

  const first = await workflow.list({ status: "queued", limit: 1 });
  const { ids } = await workflow.list({ status: "queued", limit: 1, cursor: first.cursor ?? "" });

  expect([first.ids, ids]).toEqual([["b"], ["a"]]);
});
