/** The contracts of a {@link Directory} and of an {@link AccessLedger}, for every implementation to pass. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { AccessLedger } from "../../src/engine/ports/access-ledger.ts";
import type {
  Announcement,
  Directory,
  Job,
  WorkerPresence,
} from "../../src/engine/ports/directory.ts";
import { keepWanted, statusesWanted } from "../../src/engine/ports/webhook-ledger.ts";
import type { WebhookLedger, WebhookRecord } from "../../src/engine/ports/webhook-ledger.ts";

export interface DirectorySetup {
  readonly directory: Directory;
  readonly webhookLedger: WebhookLedger;
  readonly accessLedger: AccessLedger;
  /** Lets at least this much time pass on the store's clock. */
  readonly passTime: (ms: number) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

const JOB: Job = { workflow: "orders", kind: "terminate", detail: '{"a": "b c"}' };
const WEBHOOK: WebhookRecord = {
  id: "a",
  statuses: ["complete"],
  isActive: true,
  text: '{"url":"https://example.com"}',
};
const LONG_MS = 60_000;

function announcement(rest: Partial<Announcement> = {}): Announcement {
  const settings = { className: "Orders", scriptName: "shop", concurrencyLimit: 5 };
  return { name: "orders", settings, id: "id-1", versionId: "v-1", renews: "changed", ...rest };
}

export function describeDirectory(name: string, open: () => Promise<DirectorySetup>): void {
  const setup = async (): Promise<DirectorySetup> => {
    const opened = await open();
    onTestFinished(opened.dispose);
    return opened;
  };

  describe(`${name}: workflows`, () => {
    test("an announced workflow is known, by name and among all", async () => {
      const { directory } = await setup();

      const record = await directory.announce(announcement());

      expect(record).toEqual({
        name: "orders",
        id: "id-1",
        versionId: "v-1",
        createdAt: expect.any(Number),
        modifiedAt: record.createdAt,
        settings: announcement().settings,
      });
      expect(await directory.workflow("orders")).toEqual(record);
      expect(await directory.workflow("other")).toBeUndefined();
      await directory.announce(announcement({ name: "mails", id: "id-2" }));
      const names = (await directory.workflows()).map((each) => each.name);
      expect(names.toSorted()).toEqual(["mails", "orders"]);
    });

    test("the same announced again changes nothing, other settings make a version", async () => {
      const { directory, passTime } = await setup();
      const first = await directory.announce(announcement());
      await passTime(5);

      const again = await directory.announce(announcement({ id: "id-2", versionId: "v-2" }));
      const settings = { className: "Orders2", scriptName: "a script" };
      const other = await directory.announce(announcement({ versionId: "v-3", settings }));

      expect(again).toEqual(first);
      expect(other).toMatchObject({ id: "id-1", versionId: "v-3", createdAt: first.createdAt });
      expect(other.modifiedAt).toBeGreaterThan(first.modifiedAt);
      expect(other.settings).toEqual(settings);
    });

    test("who may only use it changes nothing; who deploys always makes a version", async () => {
      const { directory } = await setup();
      const settings = { className: "B", scriptName: "b" };
      const first = await directory.announce(announcement({ renews: "never" }));

      const used = await directory.announce(announcement({ renews: "never", settings }));
      const put = await directory.announce(announcement({ renews: "always", versionId: "v-2" }));

      expect(used).toEqual(first);
      expect(put.versionId).toBe("v-2");
    });

    test("a forgotten workflow is not known, and gets another id when it comes again", async () => {
      const { directory } = await setup();
      await directory.announce(announcement());

      expect(await directory.forget("orders")).toBe(true);
      expect(await directory.forget("orders")).toBe(false);
      expect(await directory.workflows()).toEqual([]);
      expect((await directory.announce(announcement({ id: "id-2" }))).id).toBe("id-2");
    });
  });

  describe(`${name}: forgotten workflows`, () => {
    test("who was forgotten is remembered by name, until that is dropped", async () => {
      const { directory, passTime } = await setup();
      for (const known of ["orders", "mails"])
        await directory.announce(announcement({ name: known }));
      await directory.forget("orders");
      await directory.forget("never");
      await passTime(5);
      await directory.forget("mails");

      const forgotten = await directory.forgotten();

      expect(forgotten.map((each) => each.name)).toEqual(["orders", "mails"]);
      expect(forgotten[0]?.ageMs).toBeGreaterThanOrEqual(5);
      await directory.dropForgotten(["orders", "never"]);
      await directory.dropForgotten([]);
      expect((await directory.forgotten()).map((each) => each.name)).toEqual(["mails"]);
    });

    test("one that is known again was not forgotten", async () => {
      const { directory } = await setup();
      await directory.announce(announcement());
      await directory.forget("orders");

      await directory.announce(announcement());

      expect(await directory.forgotten()).toEqual([]);
    });
  });

  describe(`${name}: jobs`, () => {
    test("a job of a kind is under way once per workflow, until it is ended", async () => {
      const { directory } = await setup();
      const hold = { holder: "a", leaseMs: LONG_MS };

      expect(await directory.beginJob(JOB, hold)).toBe("begun");
      expect(await directory.beginJob(JOB, { ...hold, holder: "b" })).toBe("running");
      expect(await directory.beginJob({ ...JOB, kind: "delete" }, hold)).toBe("begun");
      expect(await directory.beginJob({ ...JOB, workflow: "mails" }, hold)).toBe("begun");
      await directory.endJob(JOB, "b");
      expect(await directory.beginJob(JOB, hold)).toBe("running");
      await directory.endJob(JOB, "a");
      expect(await directory.beginJob(JOB, hold)).toBe("begun");
    });

    test("a job whose holder falls silent is adopted, once", async () => {
      const { directory, passTime } = await setup();
      await directory.beginJob(JOB, { holder: "a", leaseMs: 1 });
      await passTime(5);
      const hold = { holder: "b", leaseMs: LONG_MS };

      expect(await directory.adoptJob(hold)).toEqual(JOB);
      expect(await directory.adoptJob({ ...hold, holder: "c" })).toBeUndefined();
      expect(await directory.renewJob(JOB, { holder: "a", leaseMs: LONG_MS })).toBe(false);
      expect(await directory.renewJob(JOB, hold)).toBe(true);
    });

    test("a job that is renewed stays with its holder", async () => {
      const { directory, passTime } = await setup();
      await directory.beginJob(JOB, { holder: "a", leaseMs: 1 });

      expect(await directory.renewJob(JOB, { holder: "a", leaseMs: LONG_MS })).toBe(true);
      await passTime(5);
      expect(await directory.adoptJob({ holder: "b", leaseMs: LONG_MS })).toBeUndefined();
    });
  });

  describe(`${name}: jobs with an id`, () => {
    const bulk = (id: string, detail = "{}"): Job => ({
      workflow: "orders",
      kind: "bulk",
      id,
      detail,
    });
    const hold = { holder: "a", leaseMs: LONG_MS };

    test("several are under way, each keeps how far it has come", async () => {
      const { directory } = await setup();
      await directory.beginJob(bulk("1"), hold);
      await directory.beginJob(bulk("2", '{"a": 1}'), hold);
      await directory.beginJob({ ...bulk("3"), workflow: "mails" }, hold);
      await directory.beginJob(JOB, hold);

      expect(await directory.beginJob(bulk("1"), hold)).toBe("running");
      expect(await directory.renewJob(bulk("1", '{"b": 2}'), hold)).toBe(true);
      expect(await directory.jobReports("orders")).toEqual([
        { id: "1", state: "running", detail: '{"b": 2}' },
        { id: "2", state: "running", detail: '{"a": 1}' },
      ]);
    });

    test("one that is adopted goes on where it was", async () => {
      const { directory, passTime } = await setup();
      await directory.beginJob(bulk("1"), { holder: "a", leaseMs: 1 });
      await directory.renewJob(bulk("1", "half"), { holder: "a", leaseMs: 1 });
      await passTime(5);

      expect(await directory.adoptJob(hold)).toEqual(bulk("1", "half"));
    });

    test("one that has ended leaves a report, one without an id none", async () => {
      const { directory } = await setup();
      await directory.beginJob(bulk("1"), hold);
      await directory.beginJob(JOB, hold);

      await directory.endJob(bulk("1", "of another"), "b");
      await directory.endJob(bulk("1", "all of it"), "a");
      await directory.endJob(JOB, "a");

      expect(await directory.jobReports("orders")).toEqual([
        { id: "1", state: "complete", endedAt: expect.any(Number), detail: "all of it" },
      ]);
      expect(await directory.renewJob(bulk("1"), hold)).toBe(false);
    });

    test("one that is cancelled is nobody's any more", async () => {
      const { directory } = await setup();
      await directory.beginJob(bulk("1", "half of it"), hold);

      expect(await directory.cancelJob(bulk("1"))).toBe(true);
      expect(await directory.cancelJob(bulk("1"))).toBe(false);
      expect(await directory.renewJob(bulk("1", "more"), hold)).toBe(false);
      await directory.endJob(bulk("1", "more"), "a");
      expect(await directory.jobReports("orders")).toEqual([
        { id: "1", state: "cancelled", endedAt: expect.any(Number), detail: "half of it" },
      ]);
    });

    test("no more of them are begun than there may be, and each that ends makes room", async () => {
      const { directory } = await setup();
      const limited = { ...hold, limit: 2 };
      await directory.beginJob({ ...bulk("0"), workflow: "orders-2" }, limited);
      await directory.beginJob(JOB, hold);

      const outcomes = await Promise.all(
        ["1", "2", "3", "4"].map(async (id) => await directory.beginJob(bulk(id), limited)),
      );

      expect(outcomes).toEqual(["begun", "begun", "full", "full"]);
      expect(await directory.beginJob(bulk("1"), limited)).toBe("running");
      expect(await directory.beginJob(bulk("5"), hold)).toBe("begun");
      await directory.cancelJob(bulk("1"));
      await directory.endJob(bulk("2"), "a");
      expect(await directory.beginJob(bulk("6"), limited)).toBe("begun");
    });

    test("what one is done with goes on to who adopts it, and is in no report", async () => {
      const { directory, passTime } = await setup();
      const material = "a payload";
      await directory.beginJob({ ...bulk("1"), material }, { holder: "a", leaseMs: 1 });
      await directory.renewJob(bulk("1", "half"), { holder: "a", leaseMs: 1 });
      await passTime(5);

      expect(await directory.adoptJob(hold)).toEqual({ ...bulk("1", "half"), material });
      await directory.endJob(bulk("1", "all"), "a");
      expect(JSON.stringify(await directory.jobReports("orders"))).not.toContain(material);
      await directory.beginJob(bulk("1"), { holder: "a", leaseMs: 1 });
      await passTime(5);
      expect(await directory.adoptJob(hold)).toEqual(bulk("1"));
    });

    test("the last hundred reports are kept", async () => {
      const { directory } = await setup();
      for (let number = 100; number <= 205; number++) {
        await directory.beginJob(bulk(`${number}`), hold);
        await directory.endJob(bulk(`${number}`), "a");
      }

      const ids = (await directory.jobReports("orders")).map(({ id }) => id);
      expect([ids.length, ids[0], ids.at(-1)]).toEqual([100, "106", "205"]);
    });
  });

  describe(`${name}: workers`, () => {
    const presence = (id: string, active = 0): WorkerPresence => ({
      id,
      host: "a host",
      pid: 1,
      startedAt: 5,
      workflows: [{ name: "orders", concurrency: 10, active }],
    });

    test("workers are known as they said last, until they leave", async () => {
      const { directory } = await setup();
      await directory.appear(presence("a"), LONG_MS);
      await directory.appear(presence("b"), LONG_MS);
      await directory.appear(presence("a", 3), LONG_MS);

      const workers = await directory.workers();

      expect(workers).toHaveLength(2);
      expect(workers).toContainEqual({ ...presence("a", 3), heardAt: expect.any(Number) });
      await directory.disappear("a");
      await directory.disappear("nobody");
      expect((await directory.workers()).map(({ id }) => id)).toEqual(["b"]);
    });

    test("who falls silent is forgotten", async () => {
      const { directory, passTime } = await setup();
      await directory.appear(presence("a"), 1);
      await directory.appear(presence("b"), LONG_MS);
      await passTime(5);

      expect((await directory.workers()).map(({ id }) => id)).toEqual(["b"]);
    });
  });

  describe(`${name}: webhooks`, () => {
    test("webhooks are kept, found, listed and removed", async () => {
      const { webhookLedger } = await setup();

      expect(await webhookLedger.put(WEBHOOK)).toBe(true);
      expect(await webhookLedger.put({ ...WEBHOOK, id: "b" })).toBe(true);

      expect(await webhookLedger.webhook("a")).toEqual(WEBHOOK);
      expect(await webhookLedger.webhook("c")).toBeUndefined();
      expect((await webhookLedger.webhooks()).map(({ id }) => id).toSorted()).toEqual(["a", "b"]);
      expect(await webhookLedger.remove("a")).toBe(true);
      expect(await webhookLedger.remove("a")).toBe(false);
      expect(await webhookLedger.webhooks()).toHaveLength(1);
    });

    test("a webhook is changed only by who knows what it is now", async () => {
      const { webhookLedger } = await setup();
      await webhookLedger.put(WEBHOOK);
      const known = await webhookLedger.webhook("a");
      const changed = { ...WEBHOOK, isActive: false };

      expect(await webhookLedger.put(changed, known)).toBe(true);
      expect(await webhookLedger.put(WEBHOOK, known)).toBe(false);
      expect(await webhookLedger.put(WEBHOOK)).toBe(false);
      expect(await webhookLedger.put({ ...WEBHOOK, id: "b" }, known)).toBe(false);
      expect(await webhookLedger.webhooks()).toEqual([changed]);
    });

    test("the last notes of a webhook stay, newest first, and go with it", async () => {
      const { webhookLedger } = await setup();
      await webhookLedger.put(WEBHOOK);
      for (const text of ["1", "2", "3"]) await webhookLedger.note("a", text, 2);
      await webhookLedger.note("none", "1", 2);

      expect(await webhookLedger.notes("a", 10)).toEqual(["3", "2"]);
      expect(await webhookLedger.notes("a", 1)).toEqual(["3"]);
      expect(await webhookLedger.notes("none", 10)).toEqual([]);
      await webhookLedger.remove("a");
      expect(await webhookLedger.notes("a", 10)).toEqual([]);
    });

    test("what is wanted of a workflow is what its active webhooks want", async () => {
      const webhooks: readonly WebhookRecord[] = [
        { ...WEBHOOK, statuses: ["errored", "complete"] },
        { ...WEBHOOK, workflow: "orders", statuses: ["complete", "waiting"] },
        { ...WEBHOOK, workflow: "mails", statuses: ["paused"] },
        { ...WEBHOOK, isActive: false, statuses: ["running"] },
      ];

      expect(statusesWanted(webhooks, "orders")).toEqual(["complete", "errored", "waiting"]);
      expect(statusesWanted([], "orders")).toEqual([]);
    });

    test("an outbox ends up with what is wanted now, also when that changes meanwhile", async () => {
      const { webhookLedger } = await setup();
      await webhookLedger.put(WEBHOOK);
      const kept: string[] = [];
      const keep = async (statuses: readonly string[]): Promise<void> => {
        kept.push(statuses.join());
        if (kept.length === 1) await webhookLedger.remove("a");
      };

      expect(await keepWanted(webhookLedger, { keep }, "orders")).toEqual([]);
      expect(kept).toEqual(["complete", ""]);
    });
  });

  describe(`${name}: access`, () => {
    test("tokens are kept, counted, listed and removed", async () => {
      const { accessLedger } = await setup();
      expect(await accessLedger.tokenCount()).toBe(0);

      await accessLedger.putToken("a", '{"role": "view"}');
      await accessLedger.putToken("b", "2");

      expect(await accessLedger.token("a")).toBe('{"role": "view"}');
      expect(await accessLedger.token("c")).toBeUndefined();
      expect(await accessLedger.tokenCount()).toBe(2);
      expect(Object.fromEntries(await accessLedger.tokens())).toEqual({
        a: '{"role": "view"}',
        b: "2",
      });
      expect(await accessLedger.removeToken("a")).toBe(true);
      expect(await accessLedger.removeToken("a")).toBe(false);
      expect(await accessLedger.tokenCount()).toBe(1);
    });

    test("a store that takes writes can be touched", async () => {
      const { accessLedger } = await setup();

      await expect(accessLedger.touch()).resolves.toBeUndefined();
      expect(await accessLedger.tokenCount()).toBe(0);
    });

    test("the audit log is read newest first, page by page", async () => {
      const { accessLedger } = await setup();
      for (const text of ["one", "two", "three"]) await accessLedger.appendAudit(text, 100);

      const page = await accessLedger.audit({ limit: 2 });
      const rest = await accessLedger.audit({ limit: 2, before: String(page.at(-1)?.id) });

      expect(page.map(({ text }) => text)).toEqual(["three", "two"]);
      expect(rest.map(({ text }) => text)).toEqual(["one"]);
    });

    test("the audit log does not grow for ever", async () => {
      const { accessLedger } = await setup();
      for (let n = 0; n < 500; n++) await accessLedger.appendAudit(`${n}`, 10);

      const entries = await accessLedger.audit({ limit: 500 });

      expect(entries.length).toBeGreaterThanOrEqual(10);
      expect(entries.length).toBeLessThan(250);
      expect(entries[0]?.text).toBe("499");
    });
  });
}
