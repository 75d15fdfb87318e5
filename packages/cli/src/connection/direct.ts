/** The server's own code in this process, straight at Redis: the same API, with nothing in between. */
import { openTokens, createServer } from "@bullmq-workflows/server";
import type { Tokens } from "@bullmq-workflows/server";
import type { WorkflowEngine } from "bullmq-workflows";
import { demandAnswer, openClient } from "./client-engine.ts";
import { describePlace } from "./place.ts";
import type { RedisPlace } from "./place.ts";

export interface Direct {
  readonly fetch: (request: Request) => Promise<Response>;
  /** What went wrong last that an answer says nothing about. */
  readonly lastError: () => unknown;
  /** Resolves when what was begun in the background is done: there may be no server to do it. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Whoever can reach Redis can do as he likes: there is nobody to ask whether he may. */
const OPERATOR = { name: "cli", role: "admin", namespaces: "all", workflows: "all" } as const;

/** @throws {@link CommandError} when there is no Redis. */
export async function openDirect(place: RedisPlace): Promise<Direct> {
  const engine = await openEngine(place);
  let lastError: unknown;
  const server = createServer({
    engine,
    authenticate: () => OPERATOR,
    logger: (_level, _message, facts) => (lastError = facts?.["error"]),
  });
  return {
    fetch: async (request) => await server.fetch(request, { remoteAddress: "127.0.0.1" }),
    lastError: () => lastError,
    settled: server.settled,
    close: async () => {
      await server.close();
      await engine.close({ force: true });
    },
  };
}

/** The tokens at this Redis, and what closes the connection to it. */
export async function openTokensAt(place: RedisPlace): Promise<{
  readonly tokens: Tokens;
  readonly close: () => Promise<void>;
}> {
  const engine = await openEngine(place);
  return { tokens: openTokens(engine), close: async () => await engine.close({ force: true }) };
}

async function openEngine(place: RedisPlace): Promise<WorkflowEngine> {
  await demandAnswer(place.url, describePlace(place));
  return openClient(place);
}
