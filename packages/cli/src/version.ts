import { readFileSync } from "node:fs";

const file = new URL("../package.json", import.meta.url);

/** This package's; all packages of the project are released together. */
export const VERSION: string = (JSON.parse(readFileSync(file, "utf8")) as { version: string })
  .version;
