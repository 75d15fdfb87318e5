/** For commands that serve production: they start no Redis of their own. */
import { UsageError } from "../command.ts";
import { readEnvironment } from "../environment.ts";

/** @throws {@link UsageError} */
export function demandRedis(given: string | undefined): string {
  const url = given ?? readEnvironment().redisUrl;
  if (url !== undefined) return url;
  throw new UsageError("Say which Redis to use: `--redis redis://host:6379`, or set REDIS_URL.");
}
