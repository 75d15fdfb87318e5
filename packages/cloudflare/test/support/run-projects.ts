/** A process that tries to run each of the folders it is given, and writes why it could not. */
import { loadBindings, runProject } from "../../src/index.ts";

const [connection = "", ...directories] = process.argv.slice(2);
const failures: unknown[] = [];
for (const directory of directories) {
  try {
    const isFile = directory.endsWith(".ts");
    const bindings = isFile ? await loadBindings(directory) : {};
    const project = await runProject({ directory, connection, bindings });
    await project.close();
    failures.push(null);
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    failures.push({ code, message });
  }
}
console.log(JSON.stringify(failures));
