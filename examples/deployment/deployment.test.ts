/** The programs of the example as their supervisors start and end them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../packages/bullmq-workflows/test/support/eventually.ts";
import { findFreePort, startRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const FOLDER = fileURLToPath(new URL("src/", import.meta.url));

function start(program: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ["--import", "tsx", `${FOLDER}${program}.ts`, ...args], {
    env: { ...process.env, REDIS_URL: `redis://127.0.0.1:${redis.port}`, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += String(text)));
  const ended = once(child, "close").then(([code]) => code as number | null);
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    ended,
    output: () => output,
    says: async (text: string) => await eventually(() => expect(output).toContain(text), 60_000),
    stop: async () => {
      child.kill("SIGTERM");
      return await ended;
    },
  };
}

test(
  "a worker runs what is created over the API, and both end in order",
  { timeout: 120_000 },
  async () => {
    const port = await findFreePort();
    const worker = start("worker");
    const server = start("server", [], { PORT: String(port) });
    const tokens = start("create-token", ["ann", "operate"]);
    await Promise.all([worker.says("the worker runs"), server.says("Listening on"), tokens.ended]);
    const url = `http://127.0.0.1:${port}/client/v4/accounts/default/workflows/orders/instances`;
    const headers = { authorization: `Bearer ${tokens.output().trim()}` };
    const read = async () => (await (await fetch(`${url}/a`, { headers })).json()) as object;

    for (const probe of ["healthz", "readyz"]) {
      expect((await fetch(`http://127.0.0.1:${port}/${probe}`)).status).toBe(200);
    }
    const body = JSON.stringify({ instance_id: "a", params: { item: "tea" } });
    expect((await fetch(url, { method: "POST", body })).status).toBe(401);
    expect((await fetch(url, { method: "POST", body, headers })).status).toBe(200);

    const output = '"tea is on its way"';
    await eventually(async () => {
      expect(await read()).toMatchObject({ result: { status: "complete", output } });
    });
    expect(await Promise.all([worker.stop(), server.stop()])).toEqual([0, 0]);
  },
);
