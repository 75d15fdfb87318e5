/** The command line in a real terminal, and where there is none. */
import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { cliEnvironment, runCli, toNodeArgs } from "./support/cli.ts";
import { CTRL_C, openSession } from "./support/pty.ts";

/** Clears the screen, renames the window, hides what follows, turns the direction of writing. */
const HOSTILE = "\u001B[2J\u001B]0;owned\u0007\u001B[8m\u009B31m\u202Eabc\rx";

/** What a terminal was sent, without styles and line ends of ours. */
function withoutStyles(raw: string): string {
  const [first = "", ...rest] = raw.replaceAll("\r\n", "\n").split("\u001B[");
  const parts = rest.map((part) =>
    /^\d+m/.test(part) ? part.replace(/^\d+m/, "") : `\u001B[${part}`,
  );
  return [first, ...parts].join("");
}

const OBEYED = /[^\n\P{Cc}]|\p{Bidi_Control}/u;

class Echo extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{ text?: string }>, step: WorkflowStep) {
    const { text = "" } = event.payload;
    if (text === "wait") return await step.waitForEvent("hold", { type: "go", timeout: "1 hour" });
    await step.do("say hello", async () => text);
    if (text.startsWith("\u001B")) throw new Error(`bad ${text}`);
    return text;
  }
}

let redis: TestRedis;
let engine: WorkflowEngine;
let flags: readonly string[];

beforeAll(async () => {
  redis = await startRedis();
  const connection = `redis://127.0.0.1:${redis.port}`;
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  engine = new WorkflowEngine({ connection, prefix, sweepInterval: 50 });
  const echo = engine.register(Echo, { name: "echo" });
  await (await echo.create({ id: "plain", params: { text: "hello" } })).result();
  await (await echo.create({ id: "hostile", params: { text: HOSTILE } })).result().catch(() => {});
  await echo.create({ id: "waiting", params: { text: "wait" } });
  flags = ["--redis", connection, "--prefix", prefix];
});

afterAll(async () => {
  await engine.close({ force: true });
  await redis.stop();
});

const DESCRIBE = ["workflows", "instances", "describe", "echo"];

test("a terminal gets colors and a timeline as wide as it is", async () => {
  const session = openSession([...DESCRIBE, "plain", ...flags], { columns: 90 });

  expect(await session.ended).toBe(0);
  expect(session.raw).toContain("\u001B[32m✅ Completed\u001B[39m");
  expect(session.raw).toContain("█");
  const axis = /0─+\d+ ms/.exec(session.raw)?.[0] ?? "";
  expect("say hello-1".length + 2 + axis.length).toBe(90);
});

test("where there is no terminal there are no colors, unless they are forced", async () => {
  const args = [...DESCRIBE, "plain", ...flags];

  expect((await runCli(args)).stdout).not.toContain("\u001B");
  expect((await runCli(args, { FORCE_COLOR: "1" })).stdout).toContain("\u001B[32m");
  const session = openSession(args, { env: { NO_COLOR: "1" } });
  await session.ended;
  expect(session.raw).not.toContain("\u001B[32m");
});

test.each([
  ["describe", DESCRIBE],
  ["describe as JSON", [...DESCRIBE, "--json"]],
])("nothing that a terminal obeys gets through %s", async (_, command) => {
  const session = openSession([...command, "hostile", ...flags]);

  expect(await session.ended).toBe(0);
  expect(session.raw).toMatch(/bad \\/);
  expect(withoutStyles(session.raw)).not.toMatch(OBEYED);
});

test("what people type in is not obeyed either when it comes back in an error", async () => {
  const session = openSession([...DESCRIBE, HOSTILE, ...flags]);

  expect(await session.ended).toBe(3);
  expect(session.raw).toContain("\\x1b[2J");
  expect(withoutStyles(session.raw)).not.toMatch(OBEYED);
});

test("JSON reads back as what it was, whatever is in it", async () => {
  const { code, stdout, stderr } = await runCli([...DESCRIBE, "hostile", "--json", ...flags]);

  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    params: { text: HOSTILE },
    error: { message: `bad ${HOSTILE}` },
  });
});

const DELETE = ["workflows", "instances", "delete", "echo"];

test("a question is asked, and no is no", async () => {
  const session = openSession([...DELETE, "plain", ...flags]);

  await session.shows(/Delete the instance "plain" of "echo" at .*\[y\/N\]/);
  session.type("n\r");
  expect(await session.ended).toBe(1);
  expect(session.raw).toContain("Nothing was done.");
});

test("yes is yes", async () => {
  await runCli(["workflows", "trigger", "echo", "{}", "--id", "gone", ...flags]);
  const session = openSession([...DELETE, "gone", ...flags]);

  await session.shows("[y/N]");
  session.type("y\r");
  expect(await session.ended).toBe(0);
  expect(session.raw).toContain('Deleted workflow instances from "echo": "gone"');
});

test("Ctrl-C at a question does nothing, and ends as an interruption", async () => {
  const session = openSession([...DELETE, "plain", ...flags]);

  await session.shows("[y/N]");
  session.type(CTRL_C);
  expect(await session.ended).toBe(130);
  expect((await runCli([...DESCRIBE, "plain", ...flags])).code).toBe(0);
});

test("without a terminal nothing is asked", async () => {
  await runCli(["workflows", "trigger", "echo", "{}", "--id", "gone-2", ...flags]);
  const { code, output } = await runCli([...DELETE, "gone-2", ...flags]);

  expect(code).toBe(0);
  expect(output).not.toContain("[y/N]");
});

test("a pipe that is closed is no failure", async () => {
  const child = spawn(
    process.execPath,
    toNodeArgs(["workflows", "instances", "list", "echo", ...flags]),
    { env: cliEnvironment(), stdio: ["ignore", "pipe", "pipe"] },
  );
  child.stdout.destroy();
  let warned = "";
  child.stderr.on("data", (chunk: Buffer) => (warned += String(chunk)));
  const [code] = (await once(child, "close")) as [number];

  expect({ code, warned }).toEqual({ code: 0, warned: "" });
});
