import { expect, expectTypeOf, test } from "vitest";
import { provideAmbient, withAmbient } from "../../src/cloudflare/ambient.ts";
import { CloudflareOnlyError } from "../../src/cloudflare/cloudflare-only-error.ts";
import * as email from "../../src/cloudflare/email.ts";
import * as sockets from "../../src/cloudflare/sockets.ts";
import * as workers from "../../src/cloudflare/workers.ts";
import * as workflows from "../../src/cloudflare/workflows.ts";
import { NonRetryableError, WorkflowEntrypoint } from "../../src/index.ts";

/** What `Object.keys(await import("cloudflare:workers"))` is at Cloudflare. */
const RUN_TIME_NAMES = [
  "DurableObject",
  "RpcPromise",
  "RpcProperty",
  "RpcStub",
  "RpcTarget",
  "ServiceStub",
  "WorkerEntrypoint",
  "WorkflowEntrypoint",
  "abortIsolate",
  "cache",
  "env",
  "exports",
  "restore",
  "tracing",
  "waitUntil",
  "withEnv",
  "withEnvAndExports",
  "withExports",
];

/** Types that code imports as if they were values. */
const TYPE_NAMES = [
  "WorkflowBackoff",
  "WorkflowCronSchedule",
  "WorkflowDelayDuration",
  "WorkflowDelayFunction",
  "WorkflowDurationLabel",
  "WorkflowDynamicDelayContext",
  "WorkflowEvent",
  "WorkflowInstanceStatus",
  "WorkflowRetentionDuration",
  "WorkflowRollbackContext",
  "WorkflowRollbackHandler",
  "WorkflowSleepDuration",
  "WorkflowStep",
  "WorkflowStepConfig",
  "WorkflowStepContext",
  "WorkflowStepEvent",
  "WorkflowStepRollbackConfig",
  "WorkflowStepRollbackOptions",
  "WorkflowStepSensitivity",
  "WorkflowTimeoutDuration",
];

interface Setting {
  readonly color: string;
}

const env = workers.env as Setting;

test("cloudflare:workers exports Cloudflare's names, and the types that are imported as values", () => {
  expect(Object.keys(workers).toSorted()).toEqual([...RUN_TIME_NAMES, ...TYPE_NAMES].toSorted());
});

test("cloudflare:workflows exports the library's own NonRetryableError", () => {
  expect(Object.keys(workflows)).toEqual(["NonRetryableError"]);
  expect(workflows.NonRetryableError).toBe(NonRetryableError);
  expect(Object.keys(new NonRetryableError("no"))).toEqual(["name"]);
  expect(new NonRetryableError("no", "Other").name).toBe("Other");
});

test("WorkflowEntrypoint is the library's own", () => {
  expect(workers.WorkflowEntrypoint).toBe(WorkflowEntrypoint);
});

test.each([
  ["DurableObject", () => new (class extends workers.DurableObject {})({}, {})],
  ["RpcStub", () => new workers.RpcStub({})],
  ["RpcPromise", () => new workers.RpcPromise()],
  ["RpcProperty", () => new (class extends workers.RpcProperty {})()],
  ["ServiceStub", () => new workers.ServiceStub()],
  ["abortIsolate()", () => workers.abortIsolate("why")],
  ["restore()", () => workers.restore({})],
  ["connect() of cloudflare:sockets", () => sockets.connect("example.org:25")],
  ["EmailMessage", () => new email.EmailMessage("a@example.org", "b@example.org", "")],
])("%s is refused when it is used", (feature, use) => {
  expect(use).toThrow(CloudflareOnlyError);
  expect(use).toThrow(`${feature} exists only at Cloudflare. `);
  expect(use).toThrow(expect.objectContaining({ code: "cloudflare.unavailable", feature }));
});

test("purging Cloudflare's cache is refused with a rejection", async () => {
  await expect(workers.cache.purge({ purgeEverything: true })).rejects.toThrow(CloudflareOnlyError);
  await expect(workers.cache.invalidate()).rejects.toThrow(CloudflareOnlyError);
});

test("tracing calls back and traces nothing", () => {
  const traced = workers.tracing.enterSpan(
    "load",
    (span, count: number) => (span.setAttribute("count", count).isTraced ? 0 : count),
    7,
  );

  expectTypeOf(traced).toEqualTypeOf<number>();
  expect(traced).toBe(7);
  expect(workers.tracing.getActiveSpan()).toBeUndefined();
  expect(workers.tracing.withActiveSpan(workers.tracing.startSpan("x"), () => "done")).toBe("done");
});

test("RpcTarget and WorkerEntrypoint can be extended and made", () => {
  class Counter extends workers.RpcTarget {
    readonly value = 1;
  }
  class Api extends workers.WorkerEntrypoint<Setting, string> {
    read(): string {
      return `${this.ctx}: ${this.env.color}`;
    }
  }

  expect(new Counter().value).toBe(1);
  expect(new Api("ctx", { color: "red" }).read()).toBe("ctx: red");
});

test("env and exports show what the host provides, as objects of their own would", () => {
  provideAmbient({ env: { color: "red" }, exports: { Api: 1 } });

  expect({ ...env }).toEqual({ color: "red" });
  expect("color" in env).toBe(true);
  expect("shape" in env).toBe(false);
  expect(workers.exports).toEqual({ Api: 1 });
});

test("withEnv and its kin replace them for a call and all that it awaits", async () => {
  provideAmbient({ env: { color: "red" }, exports: { Api: 1 } });
  const look = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return [env.color, { ...workers.exports }];
  };

  const [inner, other, both, outer] = await Promise.all([
    workers.withEnv({ color: "blue" }, look),
    workers.withExports({ Other: 2 }, look),
    workers.withEnvAndExports({ color: "green" }, {}, look),
    look(),
  ]);
  expect(inner).toEqual(["blue", { Api: 1 }]);
  expect(other).toEqual(["red", { Other: 2 }]);
  expect(both).toEqual(["green", {}]);
  expect(outer).toEqual(["red", { Api: 1 }]);
});

test("waitUntil reaches the context of the call it is made in", () => {
  const given: unknown[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => void given.push(promise) };
  const work = Promise.resolve();

  withAmbient({ context }, () => workers.waitUntil(work));
  expect(given).toEqual([work]);
});
