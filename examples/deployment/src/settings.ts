/** What a deployment sets, all of it in the environment. */
export const settings = {
  redisUrl: process.env["REDIS_URL"] ?? "redis://localhost:6379",
  prefix: process.env["REDIS_PREFIX"] ?? "bw",
  /** Instances at once in a worker. */
  concurrency: Number(process.env["CONCURRENCY"] ?? 100),
  /** In a container `0.0.0.0`: whoever can reach it needs a token. */
  hostname: process.env["HOST"] ?? "127.0.0.1",
  port: Number(process.env["PORT"] ?? 8080),
  /** Proxies in front of it: what those say of where a call comes from is believed. */
  proxies: Number(process.env["PROXIES"] ?? 0),
} as const;
