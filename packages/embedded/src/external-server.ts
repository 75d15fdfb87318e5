/** A server that is already there: checked, described, and otherwise left alone. */
import { askServer } from "./connection.ts";
import type { EmbeddedServer } from "./embedded-server.ts";
import { EmbeddedServerError, messageOf } from "./errors.ts";
import { readInfoField, ReplyError, type Reply } from "./resp.ts";

const ANSWER_TIMEOUT_MS = 5_000;

/** @throws {@link EmbeddedServerError} `server.invalid_option` or `server.unreachable` */
export async function connectExternalServer(url: string): Promise<EmbeddedServer> {
  const parsed = parseUrl(url);
  const [pong, info] = await ask(parsed);
  if (pong !== "PONG") {
    const reason = pong instanceof ReplyError ? pong.message : "it does not speak Redis";
    throw unreachable(parsed, new Error(reason));
  }
  return {
    url,
    kind: "external",
    description: `${withoutSecrets(parsed)} (yours${readVersion(info)}): durability is as configured there`,
    exited: new Promise(() => {}),
    close: () => Promise.resolve(),
    kill: () => {
      throw new EmbeddedServerError(
        "server.not_ours",
        `${withoutSecrets(parsed)} was not started here, so it is not ended here. Stop it yourself.`,
      );
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "redis:" || parsed?.protocol === "rediss:") return parsed;
  throw new EmbeddedServerError(
    "server.invalid_option",
    `Expected \`url\` to look like redis://host:port or rediss://host:port, got \`${url}\``,
  );
}

async function ask(url: URL): Promise<Reply[]> {
  try {
    return await askServer(url, [["PING"], ["INFO", "server"]], ANSWER_TIMEOUT_MS);
  } catch (error) {
    throw unreachable(url, error);
  }
}

function unreachable(url: URL, cause: unknown): EmbeddedServerError {
  return new EmbeddedServerError(
    "server.unreachable",
    `No Redis-compatible server answers at ${withoutSecrets(url)}: ${messageOf(cause).replace(/\.$/, "")}. Start it, ` +
      `correct the URL (often REDIS_URL), or leave it out to have a server started for you.`,
    { cause },
  );
}

function readVersion(info: Reply | undefined): string {
  const valkey = readInfoField(info ?? null, "valkey_version");
  if (valkey !== undefined) return `, Valkey ${valkey}`;
  const redis = readInfoField(info ?? null, "redis_version");
  return redis === undefined ? "" : `, Redis ${redis}`;
}

/** For messages, which end up in logs. */
function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  // Clients take options from there.
  for (const name of shown.searchParams.keys()) {
    if (/password/i.test(name)) shown.searchParams.set(name, "***");
  }
  return shown.href.replace(/\/$/, "");
}
