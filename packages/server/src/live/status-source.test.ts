import { expect, test } from "vitest";
import { StatusSource, toStatusEvent } from "./status-source.ts";

function tell(source: StatusSource, count: number): void {
  for (let at = 0; at < count; at++) {
    const change = { instanceId: "a", status: "queued", at } as const;
    source.tell(change, () => toStatusEvent("w", change));
  }
}

async function drain(source: StatusSource, count: number): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  while (told.length < count) told.push(...((await source.next()) ?? []));
  return told.map((event) => (event as { readonly data: object }).data);
}

test("a reader who is too slow is told so instead of what he has missed", async () => {
  const source = new StatusSource();

  tell(source, 5_000);

  const told = await drain(source, 1);
  expect(told[0]).toEqual({ type: "reset", reason: "slow" });
  expect(told.length).toBeLessThanOrEqual(1_000);
  tell(source, 1);
  expect((await drain(source, 1)).at(-1)).toMatchObject({ type: "status" });
});

test("one event is made of a change, for all who are told of it", () => {
  const change = { instanceId: "a", status: "queued", at: 1 } as const;

  expect(toStatusEvent("w", change)).toBe(toStatusEvent("w", change));
});

test("who has left is told nothing more, and is left even when he left first", async () => {
  const source = new StatusSource();
  const next = drain(source, 1).then(async () => await source.next());

  source.close();
  let hasLeft = false;
  source.leaveBy(() => (hasLeft = true));

  expect(await next).toBeUndefined();
  expect(hasLeft).toBe(true);
});
