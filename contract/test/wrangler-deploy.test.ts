/**
 * What `wrangler deploy` does about workflows: it asks whether each exists, and then makes it known.
 *
 * Uploads and routes are Cloudflare's affair. Here somebody answers them who keeps nothing, and passes on to
 * our server whatever is about workflows.
 */
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toNodeHandler } from "@bullmq-workflows/server/node";
import { ACCOUNT, openStage, settingsOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";
import { openWrangler } from "./support/wrangler.ts";
import type { Wrangler } from "./support/wrangler.ts";

let stage: Stage;
let wrangler: Wrangler;
let calls: string[] = [];
let close: () => void;

beforeAll(async () => {
  stage = await openStage();
  const handle = toNodeHandler(stage.server);
  const http = createServer((request, response) => {
    const isOurs = /\/workflows(\/|$)/.test(request.url ?? "");
    if (isOurs) calls.push(`${request.method} ${request.url}`);
    if (isOurs) handle(request, response);
    else playCloudflare(request, response);
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  close = () => void http.close();
  const { port } = http.address() as AddressInfo;
  wrangler = await openWrangler({
    ...(await settingsOf(stage)),
    ...ACCOUNT,
    CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}/client/v4`,
  });
});

afterAll(async () => {
  await wrangler.close();
  close();
  await stage.close();
});

/** A Worker that is new, in an account with a subdomain. */
function playCloudflare(request: IncomingMessage, response: ServerResponse): void {
  request.resume().once("end", () => {
    const known = /\/workers\/(workers\/\w+|subdomain)$/.test(request.url ?? "");
    const isThere = known || request.method !== "GET";
    const result = { id: "w", name: "shop", subdomain: "acme", startup_time_ms: 1 };
    const errors = isThere ? [] : [{ code: 10_007, message: "not there" }];
    response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ success: isThere, errors, messages: [], result: isThere ? result : null }),
    );
  });
}

async function writeProject(workflow: object): Promise<void> {
  await mkdir(join(wrangler.directory, "src"), { recursive: true });
  const config = {
    name: "shop",
    main: "src/index.js",
    compatibility_date: "2026-11-01",
    workers_dev: false,
    workflows: [{ binding: "BILLS", class_name: "BillWorkflow", ...workflow }],
  };
  await writeFile(join(wrangler.directory, "wrangler.json"), JSON.stringify(config));
  const source = `
    import { WorkflowEntrypoint } from "cloudflare:workers";
    export class BillWorkflow extends WorkflowEntrypoint { async run() {} }
    export default { fetch: () => new Response("ok") };`;
  await writeFile(join(wrangler.directory, "src/index.js"), source);
}

test("a workflow that is not known is asked for, then made known with its settings", async () => {
  await writeProject({ name: "bills", limits: { steps: 50 }, concurrency: { limit: 3 } });
  calls = [];

  const { code, stdout } = await wrangler.run(["deploy"]);

  expect(code).toBe(0);
  expect(stdout).toContain("workflow: bills");
  const path = "/client/v4/accounts/default/workflows/bills";
  expect(calls).toEqual([`GET ${path}`, `PUT ${path}`]);
  expect(await wrangler.json(["workflows", "describe", "bills"])).toMatchObject({
    script_name: "shop",
    class_name: "BillWorkflow",
    latest_version: { limits: { steps: 50 }, concurrency: { limit: 3 } },
  });
});

test("one that belongs to another program is not taken over in silence", async () => {
  await writeProject({ name: "orders" });

  const { stdout, stderr } = await wrangler.run(["deploy"]);

  expect(stdout + stderr).toMatch(/bullmq-workflows/);
});

test("wrangler wanted to go nowhere else", () => {
  expect(wrangler.elsewhere).toEqual([]);
});
