/** For commands that serve production: they start no Redis of their own. */
import { UsageError } from "../command.ts";
import { checkRedisUrl } from "../connection/place.ts";
import { readEnvironment } from "../environment.ts";

/** @throws {@link UsageError} */
export function demandRedis(given: string | undefined): string {
  if (given !== undefined) return checkRedisUrl(given, "--redis");
  const { redisUrl } = readEnvironment();
  if (redisUrl !== undefined) return checkRedisUrl(redisUrl, "REDIS_URL");
  throw new UsageError("Say which Redis to use: `--redis redis://host:6379`, or set REDIS_URL.");
}
