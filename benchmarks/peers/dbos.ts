/**
 * DBOS Transact. A workflow runs in the process that starts it, so the worker serves HTTP to those who
 * want one started, as the examples of its documentation do.
 */
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { perform } from "../src/engine.ts";
import type { Engine, EngineClient, Run } from "../src/engine.ts";
import type { Steps } from "../src/programs.ts";
import { versionOf } from "./version.ts";

const EVENT_WITHIN_S = 3_600;

const STEPS: Steps = {
  do: async (name, callback) => await DBOS.runStep(async () => await callback(), { name }),
  sleep: async (_, ms) => await DBOS.sleep(ms),
  waitForEvent: async (_, type) => await DBOS.recv(type, { timeoutSeconds: EVENT_WITHIN_S }),
};

/** What a client may ask of the worker. */
interface Request {
  readonly act: "start" | "result" | "event";
  readonly run: Run;
}

export const engine: Engine = {
  store: "postgres",
  about: `DBOS Transact ${versionOf("@dbos-inc/dbos-sdk")}: workflows started in the worker process over HTTP, all else by default; without a queue, nothing limits how many run at once`,
  batch: 1,
  cannot: {
    create: "a workflow is created by the process that runs it",
    workers: "a workflow runs in the process that starts it",
  },

  async startWorker({ url, workerPort }, markFor) {
    DBOS.setConfig({ name: "bench", systemDatabaseUrl: url, logLevel: "error" });
    const workflow = DBOS.registerWorkflow(async (run: Run) => await perform(STEPS, run, markFor), {
      name: "bench",
    });
    await DBOS.launch();
    const handles = new Map<string, { getResult(): Promise<unknown> }>();
    const act = async ({ act, run }: Request): Promise<unknown> => {
      if (act === "event") return await DBOS.send(run.id, null, "go");
      if (act === "start") {
        handles.set(run.id, await DBOS.startWorkflow(workflow, { workflowID: run.id })(run));
        return null;
      }
      const handle = handles.get(run.id) ?? DBOS.retrieveWorkflow(run.id);
      handles.delete(run.id);
      return await handle.getResult();
    };
    const server = createServer((incoming, outgoing) => {
      void readJson<Request>(incoming)
        .then(act)
        .then(
          (value) => outgoing.end(JSON.stringify(value ?? null)),
          (error: unknown) => outgoing.writeHead(500).end(String(error)),
        );
    });
    server.listen(workerPort, "127.0.0.1");
    await once(server, "listening");
    return {
      async close() {
        server.close();
        await DBOS.shutdown();
      },
    };
  },

  async connect({ workerPort }) {
    const agent = new Agent({ keepAlive: true });
    const ask = async (body: Request): Promise<unknown> => {
      const asked = request({ agent, host: "127.0.0.1", port: workerPort, method: "POST" });
      asked.end(JSON.stringify(body));
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      if (answer.statusCode !== 200) throw new Error(await readText(answer));
      return await readJson(answer);
    };
    const client: EngineClient = {
      async start(runs) {
        for (const run of runs) await ask({ act: "start", run });
      },
      result: async (run) => await ask({ act: "result", run }),
      sendEvent: async (run) => void (await ask({ act: "event", run })),
      close: async () => await Promise.resolve(agent.destroy()),
    };
    return await Promise.resolve(client);
  },
};

async function readJson<T>(message: IncomingMessage): Promise<T> {
  return JSON.parse(await readText(message)) as T;
}

async function readText(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of message) text += String(chunk);
  return text;
}
