/** Runs once before tests that start built programs: what is built is what the sources say now. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const TSC = createRequire(import.meta.url).resolve("typescript/bin/tsc");

export async function setup(project: TestProject): Promise<void> {
  project.onTestsRerun(build);
  await build();
}

/** Half a second when nothing has changed. */
async function build(): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [TSC, "-b", ROOT]);
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    throw new Error(`The packages cannot be built, so what is built is not tested:\n${stdout}`, {
      cause: error,
    });
  }
}
