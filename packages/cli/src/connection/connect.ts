/** Opens the API at a place. */
import { userInfo } from "node:os";
import { text as readAll } from "node:stream/consumers";
import { UsageError } from "../command.ts";
import { readEnvironment } from "../environment.ts";
import { onInterruption } from "../interruption.ts";
import type { Terminal } from "../terminal.ts";
import { VERSION } from "../version.ts";
import { Api } from "./api.ts";
import { choosePlace } from "./choose-place.ts";
import type { ConnectionChoice } from "./connection-flags.ts";
import type { Direct } from "./direct.ts";
import { describePlace } from "./place.ts";
import type { Place, RedisPlace } from "./place.ts";
import { readProfiles } from "./profiles.ts";

const AGENT = `bullmq-workflows-cli/${VERSION}`;

export interface Connection {
  readonly api: Api;
  readonly place: Place;
  /** @param isAbandoned whether what goes on in the background is to be left to somebody else. */
  readonly close: (isAbandoned: boolean) => Promise<void>;
}

/** @throws {@link UsageError}, {@link CommandError} when it is not clear where to go. */
export async function connect(choice: ConnectionChoice, terminal: Terminal): Promise<Connection> {
  const place = await findPlace(choice);
  if (place.type === "server") {
    warnOfOpenToken(place.url, place.token, terminal);
    const api = new Api({
      url: place.url,
      accountId: place.namespace,
      ...(place.token !== undefined && { token: place.token }),
      headers: { "user-agent": AGENT },
      place: describePlace(place),
    });
    return { api, place, close: async () => {} };
  }
  return connectToRedis(place, terminal);
}

/** Opened by the first call: a command line that makes no sense needs no Redis to say so. */
function connectToRedis(place: RedisPlace, terminal: Terminal): Connection {
  let opening: Promise<Direct> | undefined;
  let direct: Direct | undefined;
  const open = async (): Promise<Direct> => {
    const { openDirect } = await import("./direct.ts");
    return await openDirect(place);
  };
  const api = new Api({
    fetch: async (input, init) => {
      direct = await (opening ??= open());
      return await direct.fetch(new Request(input, init));
    },
    url: "http://localhost",
    accountId: place.namespace,
    // Whoever is behind it waits and repeats by himself.
    retries: 0,
    // The audit log has it.
    headers: { "user-agent": `${AGENT}${userOf()}` },
    place: describePlace(place),
    lastError: () => direct?.lastError(),
  });
  return {
    api,
    place,
    close: async (isAbandoned) => {
      if (direct && !isAbandoned) await settle(direct, terminal);
      await direct?.close();
    },
  };
}

/** How long something may take before one is told that it does. */
const PATIENCE_MS = 300;

async function settle(direct: Direct, terminal: Terminal): Promise<void> {
  const interruption = onInterruption();
  const leave = new Promise<void>((resolve) => {
    interruption.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const timer = setTimeout(() => {
    terminal.progress("Doing what was begun. Ctrl-C leaves it to the next server …");
  }, PATIENCE_MS);
  try {
    await Promise.race([direct.settled(), leave]);
  } finally {
    clearTimeout(timer);
    terminal.progress(undefined);
    interruption.stop();
  }
}

/** @throws {@link UsageError}, {@link CommandError} */
export async function findPlace(choice: ConnectionChoice): Promise<Place> {
  const environment = readEnvironment();
  // Who says where to go does not depend on what is kept.
  const isTold = choice.url !== undefined || choice.redis !== undefined;
  const profiles = isTold ? { profiles: {} } : await readProfiles(environment.configDirectory);
  const token = choice.token === "-" ? await readToken() : choice.token;
  return choosePlace({ ...choice, token }, environment, profiles);
}

/** A token that is no part of a command line, which everybody on the machine may see. */
export async function readToken(): Promise<string> {
  const token = (await readAll(process.stdin)).trim();
  if (/^\S+$/.test(token)) return token;
  throw new UsageError("--token - reads a token from standard input, and there was none.");
}

/** Who works straight at Redis. A name that does not fit a header is left out. */
function userOf(): string {
  try {
    const { username } = userInfo();
    return /^[\w.@-]+$/.test(username) ? ` (${username})` : "";
  } catch {
    return "";
  }
}

function warnOfOpenToken(url: string, token: string | undefined, terminal: Terminal): void {
  const { protocol, hostname } = new URL(url);
  const isHere = /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  if (token === undefined || protocol === "https:" || isHere) return;
  terminal.warn(`Note: the token goes to ${hostname} unencrypted. Use https.`);
}
