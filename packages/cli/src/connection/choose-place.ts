/**
 * Which place is meant: the first that says so of the command line, the environment, the profile in use,
 * `REDIS_URL`, and the server on this machine.
 *
 * A token goes only where it was given for: one of the environment not to a URL of a profile, one of a
 * profile not to a URL of the command line.
 */
import { didYouMean } from "@bullmq-workflows/cloudflare/internal";
import { CommandError, UsageError } from "../command.ts";
import type { Environment } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import type { ConnectionChoice } from "./connection-flags.ts";
import { checkNamespace, checkRedisUrl, checkServerUrl } from "./place.ts";
import type { Place } from "./place.ts";
import type { Profile, Profiles } from "./profiles.ts";

/** Where `server` listens unless it is told otherwise. */
export const DEFAULT_URL = "http://localhost:8080";

/** A place before its namespace is settled. */
type Found = { readonly namespace?: string | undefined } & (
  | { readonly type: "server"; readonly url: string; readonly token: string | undefined }
  | { readonly type: "redis"; readonly url: string; readonly prefix: string | undefined }
);

/** @throws {@link UsageError}, or {@link CommandError} for a profile that there is not. */
export function choosePlace(
  choice: ConnectionChoice,
  environment: Environment,
  profiles: Profiles,
): Place {
  if (choice.namespace !== undefined && choice.account !== undefined) {
    throw new UsageError("--namespace and --account are the same: give one of them.");
  }
  const found: Found = ofCommandLine(choice, environment, profiles) ??
    ofEnvironment(choice, environment, profiles) ??
    ofProfile(profiles.current, choice, profiles) ??
    ofRedisUrl(choice, environment) ?? {
      type: "server",
      url: DEFAULT_URL,
      token: choice.token,
    };
  const asked = choice.namespace ?? choice.account ?? environment.namespace ?? found.namespace;
  return { ...found, namespace: checkNamespace(asked ?? "default", "the namespace") };
}

function ofCommandLine(
  choice: ConnectionChoice,
  environment: Environment,
  profiles: Profiles,
): Found | undefined {
  const { url, redis, profile, prefix, token } = choice;
  if ([url, redis, profile].filter((each) => each !== undefined).length > 1) {
    throw new UsageError("--url, --redis and --profile exclude each other: give one of them.");
  }
  if (redis !== undefined) {
    if (token !== undefined) throw new UsageError("--token is for a server, not for --redis.");
    return { type: "redis", url: checkRedisUrl(redis, "--redis"), prefix };
  }
  if (url === undefined) return ofProfile(profile, choice, profiles);
  if (prefix !== undefined) throw new UsageError("--prefix is for --redis, not for a server.");
  const known = environment.token;
  return { type: "server", url: checkServerUrl(url, "--url"), token: token ?? known };
}

function ofEnvironment(
  choice: ConnectionChoice,
  { url, token, profile }: Environment,
  profiles: Profiles,
): Found | undefined {
  if (url === undefined) return ofProfile(profile, choice, profiles);
  const checked = checkServerUrl(url, "BULLMQ_WORKFLOWS_URL");
  return { type: "server", url: checked, token: choice.token ?? token };
}

function ofProfile(
  name: string | undefined,
  choice: ConnectionChoice,
  { profiles }: Profiles,
): Found | undefined {
  if (name === undefined) return undefined;
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (!profile) throw noProfile(name, Object.keys(profiles));
  return toFound(name, profile, choice);
}

function toFound(name: string, profile: Profile, { token, prefix }: ConnectionChoice): Found {
  const { namespace } = profile;
  if (profile.url !== undefined) {
    const url = checkServerUrl(profile.url, `the URL of the profile "${name}"`);
    return { type: "server", url, token: token ?? profile.token, namespace };
  }
  const url = checkRedisUrl(profile.redis ?? "", `the Redis of the profile "${name}"`);
  return { type: "redis", url, prefix: prefix ?? profile.prefix, namespace };
}

function ofRedisUrl(
  { prefix, token }: ConnectionChoice,
  { redisUrl }: Environment,
): Found | undefined {
  if (redisUrl === undefined || token !== undefined) return undefined;
  return { type: "redis", url: checkRedisUrl(redisUrl, "REDIS_URL"), prefix };
}

export function noProfile(name: string, known: readonly string[]): CommandError {
  const hint = didYouMean(name, known) || " `bullmq-workflows profile list` has them all.";
  return new CommandError(`There is no profile "${name}".${hint}`, EXIT.notFound);
}
