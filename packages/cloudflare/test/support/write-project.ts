/** Projects that a test writes into a folder of its own, outside of this repository. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** Contents by path; what is not a text is written as JSON. Answers with the folder. */
export async function writeProject(files: Readonly<Record<string, unknown>>): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "bullmq-workflows-project-")));
  onTestFinished(async () => await rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  return directory;
}
