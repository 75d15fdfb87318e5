/** Workers that come and go all the time, each closed at another moment of its life: nothing runs twice. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { NonRetryableError } from "../../src/index.ts";
import type { Workflow, WorkflowEngine, WorkflowStep } from "../../src/index.ts";
import { workflowOf } from "../support/harness.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import { startRedis } from "../support/redis.ts";

const INSTANCES = 48;
const CLOSINGS = 20;

type Note = (name: string) => Promise<string>;
type Kind = (step: WorkflowStep, note: Note) => Promise<unknown>;

const KINDS: readonly Kind[] = [
  async (step, note) => {
    for (let n = 0; n < 12; n++) await step.do(`plain ${n}`, () => note(`plain ${n}`));
  },
  async (step, note) => {
    for (let n = 0; n < 6; n++) {
      await step.do(`before ${n}`, () => note(`before ${n}`));
      await step.sleep(`sleep ${n}`, 60);
    }
  },
  async (step, note) => {
    const branches = [0, 1, 2, 3].map(async (n) => {
      const stream = await step.do(`stream ${n}`, async () =>
        new Blob([await note(`stream ${n}`)]).stream(),
      );
      await new Response(stream).text();
      await step.do(`after ${n}`, () => note(`after ${n}`));
    });
    await Promise.all(branches);
  },
  async (step, note) => {
    for (let n = 0; n < 4; n++) {
      const rollback = async () => void (await note(`undo ${n}`));
      await step.do(`do ${n}`, () => note(`do ${n}`), { rollback });
    }
    throw new NonRetryableError("no");
  },
  async (step, note) => {
    for (let n = 0; n < 3; n++) {
      await step.do(`outer ${n}`, async () => {
        await note(`outer ${n}`);
        return await step.do(`inner ${n}`, () => note(`inner ${n}`));
      });
      await step.race({
        short: step.sleep(`short ${n}`, 10),
        event: step.waitForEvent(`event ${n}`, { type: "never", timeout: "1 hour" }),
      });
    }
  },
];

/** Some turns of the event loop, so that the next closing is at another moment. */
async function letPass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn();
}

test(
  "closed at any moment, workers repeat nothing and leave nothing behind",
  { timeout: 120_000 },
  async () => {
    const redis = await startRedis();
    onTestFinished(async () => await redis.stop());
    const engines = createRedisEngines(`redis://127.0.0.1:${redis.port}`);
    onTestFinished(async () => await engines.close());
    const noted: string[] = [];
    const body = workflowOf<number>(async (step, { payload, instanceId }) => {
      const note: Note = async (name) => {
        noted.push(`${instanceId} ${name}`);
        await letPass(noted.length % 7);
        return name;
      };
      await KINDS[payload]?.(step, note);
    });
    const start = (mode: "all" | "client"): { engine: WorkflowEngine; workflow: Workflow } => {
      const engine = engines.start({
        mode,
        // Long: nothing goes on because a lease has run out.
        lease: 60_000,
      });
      return { engine, workflow: engine.register(body, { name: "test" }) };
    };
    const { workflow } = start("client");
    const instances = await Promise.all(
      Array.from({ length: INSTANCES }, async (_, n) => await workflow.create({ params: n % 5 })),
    );

    for (let closing = 0; closing < CLOSINGS; closing++) {
      const { engine } = start("all");
      await engine.ready();
      await letPass(closing * 6);
      await engine.close();
    }
    start("all");
    await Promise.allSettled(instances.map(async (i) => await i.result({ timeout: "60 seconds" })));

    const counts = await workflow.counts();
    expect(counts.complete + counts.errored).toBe(INSTANCES);
    expect(noted.filter((each, index) => noted.indexOf(each) !== index)).toEqual([]);
  },
);
