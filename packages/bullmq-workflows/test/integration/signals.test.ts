import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startRedis } from "../support/redis.ts";

let server: EmbeddedServer;

beforeAll(async () => {
  server = await startServer({ kind: "native" });
});
afterAll(async () => await server.close());

interface Program {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  output(): string;
}

function startLongStep(url: string = server.url): Program {
  const program = fork(
    new URL("fixtures/long-step.ts", import.meta.url),
    [url, `test-${randomUUID().slice(0, 8)}`],
    { execArgv: ["--conditions=@bullmq-workflows/source", "--import", "tsx"], silent: true },
  );
  let output = "";
  program.stdout?.on("data", (chunk) => (output += String(chunk)));
  program.stderr?.on("data", (chunk) => (output += String(chunk)));
  return { process: program, exited: once(program, "exit"), output: () => output };
}

test("a signal lets the running step end and begins no other, then the process ends", async () => {
  const program = startLongStep();
  await eventually(() => expect(program.output()).toBe("begun\n"));

  program.process.kill("SIGTERM");
  program.process.send("end the step");
  program.process.disconnect();

  await program.exited;
  expect(program.output()).toBe("begun\n");
  expect(program.process.exitCode).toBe(0);
});

test("a second signal ends the process without waiting for the step", async () => {
  const program = startLongStep();
  await eventually(() => expect(program.output()).toBe("begun\n"));
  program.process.disconnect();

  program.process.kill("SIGTERM");
  await eventually(() => expect(program.process.kill("SIGTERM")).toBe(false));

  await program.exited;
  expect(program.output()).toBe("begun\n");
});

test("a second signal ends the process also while Redis is away", async () => {
  const redis = await startRedis();
  const program = startLongStep(`redis://127.0.0.1:${redis.port}`);
  await eventually(() => expect(program.output()).toBe("begun\n"));
  program.process.disconnect();
  await redis.stop();

  program.process.kill("SIGTERM");
  await eventually(() => expect(program.process.kill("SIGTERM")).toBe(false), 5_000);

  await program.exited;
  expect(program.output()).toBe("begun\n");
});
