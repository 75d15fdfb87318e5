import { execFile } from "node:child_process";
import { availableParallelism, cpus, totalmem } from "node:os";
import { promisify } from "node:util";

/** One sentence for a report: what it was run on. */
export async function describeMachine(): Promise<string> {
  const { stdout } = await promisify(execFile)("redis-server", ["--version"]);
  const [, version = "unknown"] = /v=(\S+)/.exec(stdout) ?? [];
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return (
    `${availableParallelism()} processors (${model}), ${memory} of memory, Node ${process.versions.node}, ` +
    `Redis ${version}.`
  );
}
