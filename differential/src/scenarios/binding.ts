/** Creating, finding and deleting through the binding, and what it refuses. */
import type { Instance, Outside, Scenario } from "../scenario.ts";

const INSTANT = async (): Promise<string> => "done";

/** Outcomes of calls, one by one. */
async function each<T>(
  { outcome }: Outside,
  given: readonly T[],
  call: (value: T) => Promise<unknown>,
): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const value of given) seen.push(await outcome(async () => await call(value)));
  return seen;
}

/** Handles are known by their ids. */
async function idOf(instance: Promise<Instance>): Promise<string> {
  return (await instance).id;
}

export const BINDING: readonly Scenario[] = [
  {
    name: "create: an id that is taken",
    run: INSTANT,
    async drive({ create, ended, outcome, workflow }) {
      const instance = await create();
      await ended(instance);
      return await outcome(workflow.create({ id: instance.id }));
    },
  },
  {
    name: "create: ids that are refused",
    run: INSTANT,
    drive: async (outside) =>
      await each(
        outside,
        ["-a", "a b", "a.b", "a".repeat(101), null, 5, "", "ü"],
        async (id) => await idOf(outside.workflow.create({ id })),
      ),
  },
  {
    name: "create: ids that are allowed",
    run: INSTANT,
    drive: async (outside) =>
      await each(
        outside,
        ["a".repeat(100), "_a", "A-1_b"],
        async (id) =>
          await idOf(
            outside.workflow.create({ id, params: { scenario: "create: ids that are allowed" } }),
          ),
      ),
  },
  {
    name: "create: no id",
    run: INSTANT,
    async drive({ workflow, ended }) {
      const params = { scenario: "create: no id" };
      const instance = await workflow.create({ params });
      await ended(instance);
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(instance.id);
    },
  },
  {
    name: "create: options that are unknown",
    run: async (_step, event) => event.payload,
    async drive({ create, ended }) {
      await ended(await create({ payload: 1, whatever: true }));
    },
  },
  {
    name: "create: retention, and a hint where to run",
    run: INSTANT,
    async drive({ create, ended }) {
      const retention = { successRetention: "1 day", errorRetention: 60_000 };
      await ended(await create({ retention, locationHint: "weur" }));
    },
  },
  {
    name: "get: ids of no instance",
    run: INSTANT,
    drive: async (outside) =>
      await each(
        outside,
        ["no-such", "*/5 * * * *-1"],
        async (id) => await idOf(outside.workflow.get(id)),
      ),
  },
  {
    name: "get: the methods of a handle",
    run: INSTANT,
    async drive({ create, ended, workflow }) {
      const instance = await create();
      await ended(instance);
      const again = await workflow.get(instance.id);
      return [again.id === instance.id, typeof again.status, (await again.status()).status];
    },
  },
  {
    name: "createBatch: a list",
    run: async (_step, event) => event.payload,
    async drive({ workflow, newId, keep, ended }) {
      const batch = [
        { id: newId(), params: 1 },
        { id: newId(), params: 2 },
      ];
      const created = (await workflow.createBatch(batch)) as Instance[];
      for (const instance of created) await ended(keep(instance));
      return created.length;
    },
  },
  {
    name: "createBatch: a list with ids that exist or repeat",
    run: INSTANT,
    async drive({ create, workflow, newId, ended }) {
      const instance = await create();
      await ended(instance);
      const { id } = instance;
      const fresh = newId();
      const batch = [{ id }, { id: fresh }, { id: fresh }];
      const created = (await workflow.createBatch(batch)) as Instance[];
      return created.map((instance) => instance.id === fresh);
    },
  },
  {
    name: "createBatch: lists that are refused",
    run: INSTANT,
    drive: async (outside) =>
      await each(
        outside,
        [[], Array.from({ length: 101 }, () => ({})), [{ id: "a b" }]],
        async (batch) => await outside.workflow.createBatch(batch),
      ),
  },
  {
    name: "createBatch: an object with ids that exist or repeat",
    run: INSTANT,
    async drive({ create, workflow, newId, ended }) {
      const instance = await create();
      await ended(instance);
      const { id } = instance;
      const fresh = newId();
      const result = (await workflow.createBatch({
        instances: [{ id }, { id: fresh }, { id: fresh }],
      })) as { created: Instance[]; errors: { id?: string; index: number }[] };
      return [
        result.created.map((instance) => instance.id === fresh),
        result.errors.map(({ id: failed, ...rest }) => ({ ...rest, isTaken: failed === id })),
      ];
    },
  },
  {
    name: "createBatch: a count",
    run: async (_step, event) => event.payload,
    async drive({ workflow, ended }) {
      const params = { scenario: "createBatch: a count" };
      const result = (await workflow.createBatch({ count: 3, params })) as {
        created: Instance[];
        errors: unknown[];
      };
      const statuses: unknown[] = [];
      for (const instance of result.created) statuses.push((await ended(instance)).output);
      return [statuses, result.errors];
    },
  },
  {
    name: "createBatch: objects that are refused",
    run: INSTANT,
    drive: async (outside) =>
      await each(
        outside,
        [
          undefined,
          null,
          "text",
          {},
          { count: 0 },
          { count: -1 },
          { count: 1.5 },
          { count: "3" },
          { count: 101 },
          { instances: [] },
          { instances: Array.from({ length: 101 }, () => ({})) },
          { instances: [{ id: "a b" }] },
          { instances: [{ id: "batch" }] },
          { instances: [{ retention: { successRetention: "soon" } }] },
        ],
        async (batch) => await outside.workflow.createBatch(batch),
      ),
  },
  {
    name: "deleteBatch: what exists, what repeats, what does not exist",
    run: INSTANT,
    async drive({ create, ended, workflow }) {
      const instance = await create();
      await ended(instance);
      const result = (await workflow.deleteBatch([instance.id, instance.id, "no-such"])) as {
        deleted: unknown[];
        errors: unknown[];
      };
      return [result.deleted.length, result.errors];
    },
  },
  {
    name: "deleteBatch: what is refused",
    run: INSTANT,
    drive: async (outside) =>
      await each(
        outside,
        [undefined, "text", [], Array.from({ length: 101 }, () => "a"), ["a b", "ü"]],
        async (ids) => await outside.workflow.deleteBatch(ids),
      ),
  },
  {
    name: "status: of what waits for an event",
    run: async (step) => await step.waitForEvent("w", { type: "go" }),
    async drive({ begun, create }) {
      const instance = await create();
      await begun(instance);
      return (await instance.status()).status;
    },
  },
];
