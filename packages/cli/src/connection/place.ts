/** Where a command's calls go: to a server, or straight to Redis. */
import { UsageError } from "../command.ts";

interface ServerPlace {
  readonly type: "server";
  /** Without the paths of the API, such as `https://workflows.example.com`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly namespace: string;
}

export interface RedisPlace {
  readonly type: "redis";
  readonly url: string;
  readonly prefix: string | undefined;
  readonly namespace: string;
}

export type Place = ServerPlace | RedisPlace;

/** As people may see it: a password in a URL is no one's business. */
export function describePlace({ url, namespace }: Place): string {
  return `${withoutSecrets(url)}, namespace "${namespace}"`;
}

export function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return url;
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  // Redis's clients take options from there.
  for (const name of shown.searchParams.keys()) {
    if (/password/i.test(name)) shown.searchParams.set(name, "***");
  }
  return shown.href.replace(/\/$/, "");
}

/** @throws {@link UsageError} when it cannot be one. */
export function checkServerUrl(url: string, name: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, "");
  throw new UsageError(
    `Expected ${name} to be such as https://workflows.example.com, got "${withoutSecrets(url)}".`,
  );
}

/** @throws {@link UsageError} when it cannot be one. */
export function checkRedisUrl(url: string, name: string): string {
  if (URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol)) return url;
  throw new UsageError(
    `Expected ${name} to be such as redis://localhost:6379, got "${withoutSecrets(url)}".`,
  );
}

/** @throws {@link UsageError} when it cannot be one. */
export function checkNamespace(namespace: string, name: string): string {
  if (/^[\w-]{1,64}$/.test(namespace)) return namespace;
  throw new UsageError(
    `Expected ${name} to be 1 to 64 letters, digits, - and _, got "${namespace}".`,
  );
}
