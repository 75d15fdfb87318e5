/** Restate: a server with a log of its own, which calls the worker over HTTP/2. */
import { once } from "node:events";
import { createServer } from "node:http2";
import * as restate from "@restatedev/restate-sdk";
import * as clients from "@restatedev/restate-sdk-clients";
import { perform } from "../src/engine.ts";
import type { Engine, MarkFor, Place, Run } from "../src/engine.ts";
import type { Steps } from "../src/programs.ts";
import { versionOf } from "./version.ts";

/** The SDK takes it for granted; Node has it since version 22. */
interface Resolvers<T> {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason?: unknown) => void;
}
const modern = Promise as typeof Promise & { withResolvers?: () => Resolvers<unknown> };
modern.withResolvers ??= function withResolvers<T>(): Resolvers<T> {
  const resolvers: Partial<Resolvers<T>> = {};
  resolvers.promise = new Promise<T>((resolve, reject) =>
    Object.assign(resolvers, { resolve, reject }),
  );
  return resolvers as Resolvers<T>;
};

/** A durable promise is settled once, so each event of a run has one of its own. */
const promiseOf = (event: number): string => `event ${event}`;

function toSteps(context: restate.WorkflowContext): Steps {
  let events = 0;
  return {
    do: async (name, callback) => await context.run(name, callback),
    sleep: async (_, ms) => await context.sleep(ms),
    waitForEvent: async () => await context.promise(promiseOf(++events)),
  };
}

function createWorkflow(markFor: MarkFor) {
  return restate.workflow({
    name: "bench",
    handlers: {
      run: async (context: restate.WorkflowContext, run: Run): Promise<unknown> =>
        await perform(toSteps(context), run, markFor),
      deliver: async (context: restate.WorkflowSharedContext, event: number): Promise<void> =>
        await context.promise(promiseOf(event)).resolve(null),
    },
  });
}

type BenchWorkflow = ReturnType<typeof createWorkflow>;

const WORKFLOW = { name: "bench" } satisfies Pick<BenchWorkflow, "name">;

export const engine: Engine = {
  store: "restate",
  about: `Restate ${versionOf("@restatedev/restate-server")} with its SDK ${versionOf("@restatedev/restate-sdk")}: one node, workflows over HTTP/2, all by default (at most 1,000 invocations at once)`,
  batch: 1,
  cannot: {
    create: "a call needs its deployment",
    workers: "a deployment has one address: more processes need a load balancer",
  },

  async startWorker(place, markFor) {
    const handler = restate.createEndpointHandler({ services: [createWorkflow(markFor)] });
    const http = createServer(handler);
    http.listen(place.workerPort, "127.0.0.1");
    await once(http, "listening");
    await register(place);
    return { close: async () => await Promise.resolve(void http.close()) };
  },

  async connect({ url }) {
    const ingress = clients.connect({ url });
    const of = (run: Run) => ingress.workflowClient<BenchWorkflow>(WORKFLOW, run.id);
    const sent = new Map<string, number>();
    return await Promise.resolve({
      async start(runs: readonly Run[]) {
        for (const run of runs) await of(run).workflowSubmit(run);
      },
      result: async (run: Run) => await of(run).workflowAttach(),
      async sendEvent(run: Run) {
        const event = (sent.get(run.id) ?? 0) + 1;
        sent.set(run.id, event);
        await of(run).deliver(event);
      },
      close: async () => await Promise.resolve(),
    });
  },
};

async function register({ adminUrl, workerPort }: Place): Promise<void> {
  const answer = await fetch(`${adminUrl}/deployments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ uri: `http://127.0.0.1:${workerPort}`, force: true }),
  });
  if (!answer.ok) throw new Error(`Restate refused the worker: ${await answer.text()}`);
}
