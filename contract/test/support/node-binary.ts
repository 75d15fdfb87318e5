/** A Node that is new enough for wrangler: this one, or one from npm. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What wrangler asks for. */
const MAJOR = 22;

/** @throws Error when there is none for this platform. */
export function findNode(): string {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major > MAJOR) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), "bin/node");
  } catch (cause) {
    throw new Error(
      `wrangler needs a Node newer than ${process.version}, and there is no ${name}. Run this with Node 24.`,
      { cause },
    );
  }
}
