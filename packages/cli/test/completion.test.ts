/** Completion, in the shells themselves. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { cliEnvironment, toNodeArgs } from "./support/cli.ts";

interface Shell {
  readonly name: "bash" | "zsh" | "fish";
  /** Says the candidates for a line, one to a line of output. */
  readonly script: (line: string) => string;
}

const WORDS = (line: string): string =>
  line
    .split(" ")
    .map((word) => `'${word}'`)
    .join(" ");

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    script: (line) => `
      source <(bullmq-workflows completion bash)
      COMP_WORDS=(${WORDS(line)}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _bullmq_workflows
      printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  {
    name: "zsh",
    script: (line) => `
      compdef() { :; }; _files() { :; }
      _describe() { print -l -- "\${described[@]%%:*}"; }
      source <(bullmq-workflows completion zsh)
      words=(${WORDS(line)}); CURRENT=\${#words}
      _bullmq_workflows`,
  },
  {
    name: "fish",
    script: (line) => `
      bullmq-workflows completion fish | source
      complete -C '${line}' | cut -f1`,
  },
];

function isThere(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

/** The command line under its own name. */
async function install(): Promise<string> {
  const words = [process.execPath, ...toNodeArgs([])].map((word) => `'${word}'`).join(" ");
  const directory = await writeProject({ "bullmq-workflows": `#!/bin/sh\nexec ${words} "$@"\n` });
  await chmod(join(directory, "bullmq-workflows"), 0o755);
  return directory;
}

test.each(SHELLS)(
  "$name completes commands, options and values",
  async ({ name, script }) => {
    if (!isThere(name)) {
      console.warn(`${name} is not installed here: its completion is not tested.`);
      return;
    }
    const folder = await install();
    const env = cliEnvironment({ PATH: `${folder}:${process.env["PATH"] ?? ""}` });
    const complete = (line: string): string[] => {
      const output = execFileSync(name, ["-c", script(line)], { env, encoding: "utf8" });
      return output
        .split("\n")
        .filter((word) => word !== "")
        .toSorted();
    };

    expect(complete("bullmq-workflows workf")).toEqual(["workflows"]);
    expect(complete("bullmq-workflows workflows instances res")).toEqual(["restart", "resume"]);
    expect(complete("bullmq-workflows workflows instances list orders --st")).toEqual(["--status"]);
    expect(complete("bullmq-workflows workflows instances list orders --status wait")).toEqual([
      "waiting",
      "waitingForPause",
    ]);
  },
  90_000,
);
