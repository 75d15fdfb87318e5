import { expect, test, vi } from "vitest";
import { runCommandLine } from "./command-line.ts";

// What commands stand on takes seconds to load, and is not what is tested here.
vi.mock("@bullmq-workflows/cloudflare", () => ({}));
vi.mock("@bullmq-workflows/embedded", () => ({ EmbeddedServerError: class extends Error {} }));

async function call(...args: string[]) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const code = await runCommandLine(args, { say: write, warn: write });
  return { code, output: lines.join("\n") };
}

test.each([
  ["nothing", [], 1, "Usage: bullmq-workflows <command>"],
  ["help", ["help"], 0, "run       Runs a Cloudflare Workflows project"],
  ["--help", ["--help"], 0, "Usage: bullmq-workflows <command>"],
  ["an unknown command", ["fly"], 1, 'There is no command "fly"'],
  ["help on a command", ["run", "--help"], 0, "--bindings <file>"],
  ["an unknown option", ["run", "--colour", "red"], 1, "--colour"],
  ["two folders", ["run", "a", "b"], 1, "Expected one folder, got a, b"],
  ["a port that is none", ["run", "--port", "http"], 1, "from 0 to 65535, got `http`"],
  ["a port that is too high", ["run", "--port", "65536"], 1, "from 0 to 65535, got `65536`"],
])("%s", async (_, args, code, text) => {
  const result = await call(...args);

  expect(result.code).toBe(code);
  expect(result.output).toContain(text);
});
