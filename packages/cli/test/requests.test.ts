/** What passes through the server, and what outlives it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { startProject } from "./support/cli.ts";

test("bodies are streamed, headers may repeat, and a client that leaves aborts the request", async () => {
  const directory = await writeProject({
    "wrangler.json": { main: "index.js" },
    "index.js": `
      let aborted = 0;
      const encoder = new TextEncoder();
      export default {
        async fetch(request) {
          const { pathname } = new URL(request.url);
          if (pathname === "/aborted") return new Response(String(aborted));
          if (pathname === "/echo") {
            const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
            return new Response(request.body, { status: 202, headers });
          }
          request.signal.addEventListener("abort", () => aborted++);
          const first = { start: (controller) => controller.enqueue(encoder.encode("first")) };
          return new Response(new ReadableStream(first));
        },
      };
    `,
  });
  const project = await startProject(directory);
  const body = "x".repeat(300_000);

  const echo = await fetch(`${project.url}/echo`, { method: "POST", body });
  expect([echo.status, echo.headers.getSetCookie()]).toEqual([202, ["a=1", "b=2"]]);
  expect(await echo.text()).toBe(body);

  const leaving = new AbortController();
  const endless = await fetch(`${project.url}/endless`, { signal: leaving.signal });
  const { value } = await endless.body!.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("first");
  leaving.abort();
  await eventually(async () => expect((await project.call("/aborted")).body).toBe(1));
});

test("a project goes on where a killed process left it, with the data that it persists", async () => {
  const data = await mkdtemp(join(tmpdir(), "bullmq-workflows-persist-"));
  onTestFinished(async () => await rm(data, { recursive: true, force: true }));
  const directory = await writeProject({
    "wrangler.json": {
      main: "index.js",
      workflows: [{ binding: "WAIT", name: "wait", class_name: "Wait" }],
    },
    "index.js": `
      import { WorkflowEntrypoint } from "cloudflare:workers";
      export class Wait extends WorkflowEntrypoint {
        async run(event, step) {
          const first = await step.do("first", () => process.pid);
          const { payload } = await step.waitForEvent("go on", { type: "go" });
          return { isSameProcess: first === process.pid, payload };
        }
      }
      export default {
        async fetch(request, env) {
          if (request.method === "POST") await env.WAIT.create({ id: "one" });
          const instance = await env.WAIT.get("one");
          if (request.method === "PUT") await instance.sendEvent({ type: "go", payload: 7 });
          return Response.json(await instance.status());
        },
      };
    `,
  });
  const args = ["--persist", data, "--prefix", "kept"];
  const first = await startProject(directory, undefined, args);
  await first.call("/", { method: "POST" });
  await eventually(async () => {
    expect((await first.call("/")).body).toMatchObject({ status: "waiting" });
  });
  await first.stop("SIGKILL");

  const second = await eventually(
    async () => await startProject(directory, undefined, args),
    30_000,
  );
  await second.call("/", { method: "PUT" });
  await eventually(async () => {
    expect((await second.call("/")).body).toMatchObject({
      status: "complete",
      output: { isSameProcess: false, payload: 7 },
    });
  });
}, 60_000);
