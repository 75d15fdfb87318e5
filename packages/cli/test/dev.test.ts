/** `dev`, as somebody uses it who writes workflows: files change while instances are under way. */
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { startServing } from "./support/api.ts";
import type { ServingCli } from "./support/api.ts";
import { runCli } from "./support/cli.ts";
import { CTRL_C, openSession } from "./support/pty.ts";

vi.setConfig({ testTimeout: 120_000 });

const PACKAGE = { name: "written-by-a-test", type: "module" };

async function writeModule(source: string): Promise<{ directory: string; file: string }> {
  const directory = await writeProject({ "package.json": PACKAGE, "src/workflows.ts": source });
  return { directory, file: join(directory, "src/workflows.ts") };
}

async function dev(entry: string, ...args: readonly string[]): Promise<ServingCli> {
  return await startServing(["dev", entry, "--port", "0", ...args]);
}

/** A workflow whose two steps tell the version of the code that ran them. */
function versioned(version: string, between: string): string {
  return `
    import { WorkflowEntrypoint } from "bullmq-workflows";
    import type { WorkflowEngine, WorkflowEvent, WorkflowStep } from "bullmq-workflows";
    const version: string = ${JSON.stringify(version)};
    export class Parts extends WorkflowEntrypoint {
      async run(event: WorkflowEvent<unknown>, step: WorkflowStep) {
        const first = await step.do("first", async () => version);
        ${between}
        return [first, await step.do("second", async () => version)];
      }
    }
    export function register(engine: WorkflowEngine) {
      engine.register(Parts, { name: "parts" });
    }
  `;
}

async function statusOf(cli: ServingCli, id: string, workflow = "parts"): Promise<unknown> {
  return (await cli.api(`/${workflow}/instances/${id}`)).result["status"];
}

async function outputOf(cli: ServingCli, id: string, workflow = "parts"): Promise<unknown> {
  return await eventually(async () => {
    const { result } = await cli.api(`/${workflow}/instances/${id}`);
    expect(result["status"]).toBe("complete");
    return JSON.parse(String(result["output"])) as unknown;
  }, 30_000);
}

const SLEEP = 'await step.sleep("a while", "10 seconds");';

test("an instance that sleeps while the code changes goes on with the new code", async () => {
  const { directory, file } = await writeModule(versioned("one", SLEEP));
  const cli = await dev(directory);
  expect(cli.output).toContain("Workflow  parts");
  const root = await fetch(`${cli.url}/`);
  expect(root.url).toBe(`${cli.url}/client/v4/docs`);
  expect(root.status).toBe(200);
  const id = await cli.create("parts");
  await eventually(async () => expect(await statusOf(cli, id)).toBe("waiting"));

  await writeFile(file, versioned("two", SLEEP));
  await cli.untilSaid(/Reloaded in \d+ ms \(src\/workflows\.ts\)/);

  expect(await statusOf(cli, id)).toBe("waiting");
  expect(await outputOf(cli, id)).toEqual(["one", "two"]);
  expect(await cli.stop("SIGINT")).toMatchObject({ code: 0 });
});

test("code that cannot be built is shown with its place, and the version before goes on", async () => {
  const { directory, file } = await writeModule(versioned("one", ""));
  const cli = await dev(directory);

  await writeFile(file, `${versioned("two", "")}\nconst unfinished = ;\n`);
  await cli.untilSaid("The version before goes on, until a file changes.");
  expect(cli.output).toContain("const unfinished = ;");
  expect(cli.output).toMatch(/src\/workflows\.ts:16:19/);
  expect(await outputOf(cli, await cli.create("parts"))).toEqual(["one", "one"]);

  await writeFile(file, versioned("three", ""));
  await cli.untilSaid("Reloaded in");
  expect(await outputOf(cli, await cli.create("parts"))).toEqual(["three", "three"]);
});

test("code that throws while it loads is shown with its line, at the start too", async () => {
  const { directory, file } = await writeModule(
    'const text = "x";\n\nthrow new Error("no " + text);',
  );
  const { cli, ended } = await beginBroken(directory);
  expect(cli.output).toMatch(
    /src\/workflows\.ts:3:\d+\n\s+1 \| const text = "x";\n\s+2 \|\n\s+> 3 \| throw/,
  );
  expect(cli.output).toContain("Nothing runs, until a file changes.");

  await writeFile(file, versioned("mended", ""));
  await cli.untilSaid("Ready on");
  expect(await outputOf(cli, await cli.create("parts"))).toEqual(["mended", "mended"]);
  expect(ended()).toBe(false);
});

test("who calls before the code is loaded is told to come back, and hears no warning", async () => {
  let letGo = (): void => {};
  const gate = createServer((_, response) => (letGo = () => void response.end()));
  onTestFinished(() => void gate.close());
  await once(gate.listen(0, "127.0.0.1"), "listening");
  const { port } = gate.address() as AddressInfo;
  const wait = `await fetch("http://127.0.0.1:${port}");`;
  const { directory } = await writeModule(`${versioned("one", "")}\n${wait}`);
  const cli = await startServing(["dev", directory, "--port", "0"], { ready: EARLY });
  await once(gate, "request");

  const early = await cli.api("/parts/instances", { method: "POST" });
  expect(early).toMatchObject({ status: 503, errors: [{ code: 10_001 }] });
  expect(early.errors[0]?.message).toContain("try again in a moment");
  expect((await fetch(`${cli.url}/orders`)).status).toBe(503);

  letGo();
  await cli.untilSaid("Ready on");
  expect(await outputOf(cli, await cli.create("parts"))).toEqual(["one", "one"]);
  expect((await cli.stop()).stderr).toBe("");
});

/** Where the API answers is said before the code is loaded. */
const EARLY = /API\s+(http:\/\/[^/]+)\//;

async function beginBroken(directory: string): Promise<{ cli: ServingCli; ended: () => boolean }> {
  const args = ["dev", directory, "--port", "0"];
  const cli = await startServing(args, { ready: EARLY });
  await cli.untilSaid("Nothing runs");
  return { cli, ended: () => cli.process.exitCode !== null };
}

test("classes are registered under the names of their exports, and imported files count", async () => {
  const directory = await writeProject({
    "package.json": PACKAGE,
    "src/index.ts": `
      import { WorkflowEntrypoint } from "bullmq-workflows";
      import { greeting } from "./greeting";
      export const env = { NAME: "Ada" };
      export class Greet extends WorkflowEntrypoint<{ NAME: string }> {
        async run() { return greeting(this.env.NAME); }
      }
    `,
    "src/greeting.ts": "export const greeting = (name: string): string => `Hello ${name}`;",
    "src/unused.ts": "export const unused = 1;",
  });
  const cli = await dev(directory);
  expect(await outputOf(cli, await cli.create("Greet"), "Greet")).toBe("Hello Ada");

  await writeFile(join(directory, "src/unused.ts"), "export const unused = 2;");
  await writeFile(
    join(directory, "src/greeting.ts"),
    "export const greeting = (name: string): string => `Bye ${name}`;",
  );
  await cli.untilSaid("(src/greeting.ts)");

  expect(cli.output).not.toContain("unused");
  expect(await outputOf(cli, await cli.create("Greet"), "Greet")).toBe("Bye Ada");
});

test("a module may bring an engine of its own, on the Redis that it is given", async () => {
  const { directory } = await writeModule(`
    import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
    class Own extends WorkflowEntrypoint { async run() { return "own"; } }
    export const engine = new WorkflowEngine({ connection: String(process.env.REDIS_URL) });
    engine.register(Own, { name: "own" });
  `);
  const cli = await dev(directory);

  expect(await outputOf(cli, await cli.create("own"), "own")).toBe("own");
  expect(await cli.stop()).toMatchObject({ code: 0 });
});

test("a Cloudflare project: its handler and the API share the port, and the handler changes too", async () => {
  const source = (word: string): string => `
    import { WorkflowEntrypoint } from "cloudflare:workers";
    export class Greet extends WorkflowEntrypoint { async run() { return "${word}"; } }
    export default {
      async fetch(request, env) {
        if (request.method === "POST") {
          const text = await request.text();
          const { id } = await env.GREET.create();
          return Response.json({ id, text, host: new URL(request.url).host }, { status: 201 });
        }
        return new Response("${word}");
      },
    };
  `;
  const directory = await writeProject({
    "wrangler.json": {
      name: "greeter",
      main: "index.ts",
      workflows: [{ name: "greet", binding: "GREET", class_name: "Greet" }],
    },
    "index.ts": source("hello"),
  });
  const cli = await dev(directory);
  const answer = await fetch(`${cli.url}/any/path?x=1`, { method: "POST", body: "text" });
  expect(answer.status).toBe(201);
  const created = (await answer.json()) as { id: string; text: string; host: string };
  expect(created).toMatchObject({ text: "text", host: new URL(cli.url).host });
  expect(await outputOf(cli, created.id, "greet")).toBe("hello");

  await writeFile(join(directory, "index.ts"), source("bye"));
  await cli.untilSaid("Reloaded in");
  await eventually(async () => expect(await (await fetch(cli.url)).text()).toBe("bye"));
});

test("a Cloudflare project that does not load yet: its handler is missed, the API is there", async () => {
  const directory = await writeProject({
    "wrangler.json": { main: "index.ts" },
    "index.ts": "export default { fetch: () => new Response('here') ",
  });
  const { cli } = await beginBroken(directory);
  const missed = await fetch(cli.url);
  expect([missed.status, await missed.text()]).toEqual([503, expect.stringContaining("terminal")]);
  expect((await cli.api("")).status).toBe(200);

  await writeFile(
    join(directory, "index.ts"),
    "export default { fetch: () => new Response('here') };",
  );
  await cli.untilSaid("Ready on");
  expect(await (await fetch(cli.url)).text()).toBe("here");
});

test("a file without a package: what it imports counts, wherever that is", async () => {
  const directory = await writeProject({
    "alone.ts": `
      import { WorkflowEntrypoint } from "bullmq-workflows";
      import { word } from "./deep/er/word";
      export class Say extends WorkflowEntrypoint { async run() { return word; } }
    `,
    "deep/er/word.ts": "export const word = 'one';",
  });
  const cli = await dev(join(directory, "alone.ts"));

  await writeFile(join(directory, "deep/er/word.ts"), "export const word = 'two';");
  await cli.untilSaid("(deep/er/word.ts)");
  expect(await outputOf(cli, await cli.create("Say"), "Say")).toBe("two");
});

const SLOW = `
  import { appendFileSync } from "node:fs";
  import { WorkflowEntrypoint } from "bullmq-workflows";
  const write = (line) => appendFileSync(new URL("lines.txt", import.meta.url), line + "\\n");
  export class Slow extends WorkflowEntrypoint {
    async run(event, step) {
      await step.do("slow", async () => {
        write("began in " + process.pid);
        await new Promise((resolve) => setTimeout(resolve, event.payload));
        write("ended");
      });
    }
  }
`;

async function startSlow(ms: number): Promise<{ cli: ServingCli; lines: () => Promise<string> }> {
  const { directory } = await writeModule(SLOW);
  const cli = await dev(directory);
  const lines = async (): Promise<string> =>
    await readFile(join(directory, "src/lines.txt"), "utf8");
  await cli.create("Slow", ms);
  await eventually(async () => expect(await lines()).toContain("began"));
  return { cli, lines };
}

test("what subscribes to the API does not keep it from ending", async () => {
  const { directory } = await writeModule(versioned("one", SLEEP));
  const cli = await dev(directory);
  const id = await cli.create("parts");
  const path = `/client/v4/accounts/default/workflows/parts/instances/${id}/subscribe`;
  const live = await fetch(`${cli.url}${path}`, { headers: { accept: "text/event-stream" } });
  expect(live.status).toBe(200);

  const startedAt = performance.now();
  expect(await cli.stop("SIGINT")).toMatchObject({ code: 0 });
  expect(performance.now() - startedAt).toBeLessThan(8_000);
  await live.body?.cancel().catch(() => {});
});

test("Ctrl-C lets a running step end", async () => {
  const { cli, lines } = await startSlow(700);

  expect(await cli.stop("SIGINT")).toMatchObject({ code: 0 });

  expect(cli.output).toContain("SIGINT: letting running steps end. Again ends at once.");
  expect(await lines()).toMatch(/^began in \d+\nended\n$/);
});

test("typed in a terminal, Ctrl-C ends steps and processes in order too", async () => {
  const { directory } = await writeModule(SLOW);
  const session = openSession(["dev", directory, "--port", "0"], { columns: 200 });
  await eventually(() => expect(session.raw).toMatch(/Ready on/), 60_000);
  const [, url] = /Ready on (http:\S+)/.exec(session.raw) ?? [];
  const path = `${url}/client/v4/accounts/default/workflows/Slow/instances`;
  await fetch(path, { method: "POST", body: JSON.stringify({ params: 700 }) });
  const read = async (): Promise<string> =>
    await readFile(join(directory, "src/lines.txt"), "utf8").catch(() => "");
  await eventually(async () => expect(await read()).toContain("began"));

  session.type(CTRL_C);

  expect(await session.ended).toBe(0);
  expect(await read()).toContain("ended");
});

test("Ctrl-C twice ends at once", async () => {
  const { cli, lines } = await startSlow(60_000);
  cli.process.kill("SIGINT");
  await cli.untilSaid("Again ends at once");

  expect(await cli.stop("SIGINT")).toMatchObject({ code: 130 });
  const [, pid] = /^began in (\d+)\n$/.exec(await lines()) ?? [];
  await eventually(() => expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH"));
});

test("code that never comes to an end while it loads can be interrupted", async () => {
  const { directory } = await writeModule("for (;;) {}");
  const args = ["dev", directory, "--port", "0"];
  const cli = await startServing(args, { ready: /API\s+(http:\/\/[^/]+)\// });

  expect(await cli.stop("SIGINT")).toMatchObject({ code: 0 });
});

test("with --persist instances are there again after a restart; without, they are not", async () => {
  const WAIT = 'await step.waitForEvent("go", { type: "go" });';
  const { directory } = await writeModule(versioned("one", WAIT));
  const data = join(directory, ".data");
  const before = await dev(directory, "--persist", data);
  const id = await before.create("parts");
  await eventually(async () => expect(await statusOf(before, id)).toBe("waiting"));
  await before.stop();

  const after = await dev(directory, "--persist", data);
  await after.api(`/parts/instances/${id}/events/go`, { method: "POST", body: "{}" });
  expect(await outputOf(after, id)).toEqual(["one", "one"]);
  await after.stop();

  const without = await dev(directory);
  expect((await without.api(`/parts/instances/${id}`)).status).toBe(404);
});

test("code whose process ends by itself is told of", async () => {
  const { directory, file } = await writeModule(`
    ${versioned("one", "process.exit(7);")}
  `);
  const cli = await dev(directory);
  await cli.create("parts");
  await cli.untilSaid("ended by itself (exit code 7): ");

  await writeFile(file, versioned("two", ""));
  await cli.untilSaid("(src/workflows.ts)");
  expect(await outputOf(cli, await cli.create("parts"))).toEqual(["two", "two"]);
});

test.each([
  ["a folder with nothing to run", { "notes.txt": "x" }, "There is nothing to run in"],
  ["a file that is not there", {}, "There is no "],
])("%s", async (_, files, text) => {
  const directory = await writeProject(files);
  const entry = Object.keys(files).length > 0 ? directory : join(directory, "gone.ts");

  const { code, output } = await runCli(["dev", entry, "--port", "0"]);

  expect(code).toBe(1);
  expect(output).toContain(text);
});

test("a module without a workflow says what to export", async () => {
  const { directory } = await writeModule("export const nothing = 1;");
  const { cli } = await beginBroken(directory);

  expect(cli.output).toContain("registers no workflow. Export classes");
});

test("code that never lets go ends with a dev that was killed", async () => {
  const loop = 'console.log("pid", process.pid); for (;;) {}';
  const { directory } = await writeModule(versioned("one", loop));
  const cli = await dev(directory);
  await cli.create("parts");
  await cli.untilSaid(/pid \d+/);
  const [, pid] = /pid (\d+)/.exec(cli.output) ?? [];
  onTestFinished(() => {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  });

  cli.process.kill("SIGKILL");

  await eventually(() => expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH"));
});
