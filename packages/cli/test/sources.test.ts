/** What wrangler's bundler does for a project's sources. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { startProject } from "./support/cli.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

/** Runs a project whose `fetch` answers with what its entry point exports as `answer`. */
async function answerOf(files: Readonly<Record<string, unknown>>): Promise<unknown> {
  const directory = await writeProject({ "wrangler.json": { main: "src/index.ts" }, ...files });
  const project = await startProject(directory, `redis://127.0.0.1:${redis.port}`);
  return (await project.call("/")).body;
}

const SERVE = `export default { fetch: async () => Response.json(await answer()) };`;

test("imports without endings, of folders, by tsconfig paths, of JSON, text, bytes and WebAssembly", async () => {
  const answer = await answerOf({
    "tsconfig.json": { compilerOptions: { paths: { "@/*": ["./src/*"] } } },
    "src/index.ts": `
      import { half } from "./math";
      import { double } from "./tools";
      import { triple } from "@/tools/triple";
      import settings from "./settings.json";
      import query from "./query.sql";
      import bytes from "./bytes.bin";
      import empty from "./empty.wasm";
      const later = await Promise.resolve("later");
      const answer = async () => ({
        half: half(4), double: double(4), triple: triple(4), color: settings.color, query,
        bytes: bytes.length, isModule: empty instanceof WebAssembly.Module, later,
        lazy: (await import("./lazy")).value,
      });
      ${SERVE}
    `,
    "src/math.ts": "export const half = (value: number): number => value / 2;",
    "src/tools/index.ts": "export const double = (value: number): number => value * 2;",
    "src/tools/triple.ts": "export const triple = (value: number): number => value * 3;",
    "src/lazy.ts": 'export const value = "lazy";',
    "src/settings.json": { color: "red" },
    "src/query.sql": "SELECT 1",
    "src/bytes.bin": "abc",
    "src/empty.wasm": "\0asm\u0001\0\0\0",
  });

  expect(answer).toEqual({
    half: 2,
    double: 8,
    triple: 12,
    color: "red",
    query: "SELECT 1",
    bytes: 3,
    isModule: true,
    later: "later",
    lazy: "lazy",
  });
});

test("types imported as values, also where the compiler is told to keep them", async () => {
  const answer = await answerOf({
    "tsconfig.json": { compilerOptions: { verbatimModuleSyntax: true } },
    "src/index.ts": `
      import { WorkflowEntrypoint, WorkflowEvent, WorkflowStep, WorkflowStepConfig } from "cloudflare:workers";
      const config: WorkflowStepConfig = { timeout: "1 minute" };
      export class Greet extends WorkflowEntrypoint<unknown, unknown> {
        async run(event: WorkflowEvent<unknown>, step: WorkflowStep) { return config; }
      }
      const answer = async () => Greet.name;
      ${SERVE}
    `,
  });

  expect(answer).toBe("Greet");
});

test("constants and replaced modules of the configuration", async () => {
  const answer = await answerOf({
    "wrangler.json": {
      main: "src/index.ts",
      define: { VERSION: '"1.2.3"' },
      alias: { mailer: "./src/fake-mailer.ts" },
    },
    "src/index.ts": `
      import { send } from "mailer";
      declare const VERSION: string;
      const answer = async () => send(VERSION);
      ${SERVE}
    `,
    "src/fake-mailer.ts": "export const send = (text: string): string => `not sent: ${text}`;",
  });

  expect(answer).toBe("not sent: 1.2.3");
});

test("packages: modules, CommonJS, sources of a workspace; with Cloudflare's modules in them", async () => {
  const answer = await answerOf({
    "src/index.ts": `
      import { Base, env } from "modern";
      import { shout } from "classic";
      import { shared } from "shared";
      import { createRequire } from "node:module";
      import { WorkflowEntrypoint } from "cloudflare:workers";
      import * as library from "bullmq-workflows";
      const require = createRequire(import.meta.url);
      const answer = async () => ({
        isOurs: Base.prototype instanceof WorkflowEntrypoint,
        isTheLibrary: WorkflowEntrypoint === library.WorkflowEntrypoint,
        color: env.COLOR, shout: shout("hi"), shared, required: require("classic").shout("you"),
      });
      ${SERVE}
    `,
    "wrangler.json": { main: "src/index.ts", vars: { COLOR: "red" } },
    "node_modules/modern/package.json": { name: "modern", type: "module", exports: "./index.js" },
    "node_modules/modern/index.js": `
      import { WorkflowEntrypoint, env } from "cloudflare:workers";
      export class Base extends WorkflowEntrypoint {}
      export { env };
    `,
    "node_modules/classic/package.json": { name: "classic", main: "main.js" },
    "node_modules/classic/main.js": "exports.shout = (text) => text.toUpperCase();",
    "node_modules/shared/package.json": { name: "shared", main: "src/index.ts" },
    "node_modules/shared/src/index.ts": 'export const shared: string = "from TypeScript";',
  });

  expect(answer).toEqual({
    isOurs: true,
    isTheLibrary: true,
    color: "red",
    shout: "HI",
    shared: "from TypeScript",
    required: "YOU",
  });
});

test("packages that only a bundler can load are bundled", async () => {
  const answer = await answerOf({
    "src/index.ts": `
      import { deep } from "@scope/no-endings";
      import { version } from "with-json";
      import { hidden } from "hidden-exports";
      const answer = async () => ({ deep, version, hidden });
      ${SERVE}
    `,
    "node_modules/@scope/no-endings/package.json": {
      name: "@scope/no-endings",
      type: "module",
      exports: "./index.js",
    },
    "node_modules/@scope/no-endings/index.js": 'export { deep } from "./lib/deep";',
    "node_modules/@scope/no-endings/lib/deep.js": 'export const deep = "found";',
    "node_modules/with-json/package.json": { name: "with-json", version: "7.0.0", type: "module" },
    "node_modules/with-json/index.js": 'export { version } from "./package.json";',
    "node_modules/hidden-exports/package.json": { name: "hidden-exports" },
    "node_modules/hidden-exports/index.js":
      'const name = "hid" + "den"; module.exports = { [name]: "seen" };',
  });

  expect(answer).toEqual({ deep: "found", version: "7.0.0", hidden: "seen" });
});
