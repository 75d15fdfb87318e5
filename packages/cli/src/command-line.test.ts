import { expect, test } from "vitest";
import { runCommandLine } from "./command-line.ts";
import { toPlain } from "./text.ts";
import type { Text } from "./text.ts";

async function call(...args: string[]) {
  const [said, warned]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, {
    say: (line: Text) => void said.push(toPlain(line)),
    warn: (line: Text) => void warned.push(toPlain(line)),
    progress: () => {},
    width: 80,
    isInteractive: false,
    ask: async () => undefined,
  });
  return { code, said: said.join("\n"), warned: warned.join("\n") };
}

test.each([
  ["help", ["help"], "run         Runs a Cloudflare Workflows project"],
  ["--help", ["--help"], "Usage: bullmq-workflows <command>"],
  ["help on a command", ["run", "--help"], "--bindings <file>"],
  ["help before a command", ["help", "run"], "--bindings <file>"],
  ["help beside what is wrong", ["run", "--port", "http", "-h"], "--bindings <file>"],
  ["the version", ["--version"], "0.1.0"],
  ["the version, for short", ["-v"], "0.1.0"],
])("%s", async (_, args, text) => {
  const { code, said, warned } = await call(...args);

  expect(code).toBe(0);
  expect(said).toContain(text);
  expect(warned).toBe("");
});

test.each([
  ["nothing", [], "Usage: bullmq-workflows <command>"],
  ["an unknown command", ["fly"], 'There is no command "fly".'],
  ["a command like one that there is", ["rnu"], 'Did you mean "run"?'],
  ["a command without its group", ["instances", "list"], 'There is "workflows instances".'],
  [
    "a command of several groups",
    ["workflows", "add"],
    'no command "workflows add". There is "profile add".',
  ],
  ["an unknown option", ["run", "--colour", "red"], "There is no option --colour."],
  ["an option like one that there is", ["run", "--prot", "1"], 'Did you mean "--port"?'],
  ["an option without its value", ["run", "--env"], "--env needs a value."],
  ["an option in place of a value", ["run", "--env", "--port"], "write --env=--port"],
  ["an option before the command", ["--port", "1", "run"], "Options go after the command"],
  ["two folders", ["run", "a", "b"], 'It takes only [folder], and got "b" beside.'],
  ["a port that is none", ["run", "--port", "http"], 'from 0 to 65535, got "http"'],
  ["a port that is too high", ["run", "--port", "65536"], 'from 0 to 65535, got "65536"'],
  ["a shell that is not known", ["completion", "bahs"], 'Did you mean "bash"?'],
  ["a letter", ["doctor", "--minimum", "Z"], 'to be one of A, B, C, D, F, got "Z".\n'],
  ["no shell", ["completion"], "Expected <shell>: the shell."],
])("%s makes no sense, so nothing is tried", async (_, args, text) => {
  const { code, said, warned } = await call(...args);

  expect(code).toBe(2);
  expect(warned).toContain(text);
  expect(said).toBe("");
});

test.each([
  ["groups and commands", ["wor"], ["worker", "workflows"]],
  ["the commands of a group", ["workflows", "instances", "res"], ["resume", "restart"]],
  ["commands that begin so", ["co"], ["completion"]],
  ["options", ["run", "--p"], ["--port", "--persist", "--prefix"]],
  ["the choices of an argument", ["completion", ""], ["bash", "zsh", "fish"]],
  ["nothing after an unknown command", ["fly", ""], []],
  ["nothing for a free value", ["run", "--env", ""], []],
])("a shell is offered %s", async (_, words, offered) => {
  const { code, said } = await call("__complete", "--", ...words);

  expect(code).toBe(0);
  const candidates = said.split("\n").filter((line) => line !== "");
  expect(candidates.map((line) => line.split("\t")[0])).toEqual(offered);
});
