/** Many instances of all kinds, created as the library creates them. */
import type { Store } from "bullmq-workflows/internal";

const BATCH = 1_000;

/** Of this many one has ended in an error … */
const ERRORED_EVERY = 1_000;
/** … and of this many one was terminated. */
const TERMINATED_EVERY = 50;

/** Long enough to be there until the end. */
const KEPT_MS = 86_400_000;

const RETENTION = { successMs: KEPT_MS, errorMs: KEPT_MS };

/** Ten have the tag `rare`, half of all `half`, and of the field `customer` there are so many values. */
export async function populate(
  store: Store,
  count: number,
  progress: (line: string) => void,
): Promise<void> {
  for (let first = 0; first < count; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - first) }, (_, n) => first + n);
    await store.instances.create(numbers.map((number) => newInstance(number, count)));
    await Promise.all(numbers.map(async (number) => await settle(store, number)));
    if (first % (BATCH * 100) === 0) progress(`${first} instances`);
  }
}

function newInstance(
  number: number,
  count: number,
): Parameters<Store["instances"]["create"]>[0][number] {
  const labels = [`params.customer=c-${number % Math.max(1, count / 1_000)}`];
  if (number % 2 === 0) labels.push("tag:half");
  if (number % Math.max(1, Math.floor(count / 10)) === 0) labels.push("tag:rare");
  return {
    id: `i-${number}`,
    params: `{"customer":"c-${number % Math.max(1, count / 1_000)}"}`,
    priority: 1_000,
    delayMs: 0,
    retention: RETENTION,
    nonce: `api:${number}`,
    labels,
  };
}

async function settle(store: Store, number: number): Promise<void> {
  const instanceId = `i-${number}`;
  if (number % ERRORED_EVERY === 0) return await fail(store, instanceId, number);
  if (number % TERMINATED_EVERY === 0) await store.commands.terminate(instanceId);
}

async function fail(store: Store, instanceId: string, number: number): Promise<void> {
  const claim = { instanceId, workerId: "bench", leaseMs: 60_000, nonce: instanceId };
  const outcome = await store.activations.claim(claim);
  if (outcome.type !== "claimed") throw new Error(`${instanceId} cannot be claimed`);
  const message = number % 2_000 === 0 ? "the card was declined" : "the shop was closed";
  const error = JSON.stringify(message);
  await store.activations.finish({
    instanceId,
    fence: outcome.claim.fence,
    commit: 1,
    after: 0,
    entries: [],
    consumed: [],
    seenEvent: 0,
    result: { status: "errored", error },
  });
}
