/** `run` answers `wrangler … --local` beside the project, as `wrangler dev` does. */
import { expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { startProject } from "./support/cli.ts";

const API = "/cdn-cgi/local/explorer/api";

const CONFIG = {
  name: "shop",
  main: "index.js",
  workflows: [{ name: "greet", binding: "GREET", class_name: "Greet" }],
};

const WORKFLOW = `
  import { WorkflowEntrypoint } from "cloudflare:workers";
  export class Greet extends WorkflowEntrypoint {
    async run(event, step) {
      return await step.do("greet", async () => "Hello " + event.payload.name);
    }
  }
`;

test("the explorer's API answers beside the project's own paths", async () => {
  const directory = await writeProject({
    "wrangler.json": CONFIG,
    "index.js": `${WORKFLOW}
      export default { fetch: (request) => new Response(new URL(request.url).pathname) };`,
  });
  const project = await startProject(directory);

  expect((await project.call("/cdn-cgi/local/other")).body).toBe("/cdn-cgi/local/other");
  expect((await project.call(`${API}/workflows`)).body).toMatchObject({
    result: [{ name: "greet", class_name: "Greet", script_name: "shop" }],
  });
  const body = JSON.stringify({ id: "a", params: { name: "Ann" } });
  await project.call(`${API}/workflows/greet/instances`, { method: "POST", body });
  await eventually(async () => {
    expect((await project.call(`${API}/workflows/greet/instances/a`)).body).toMatchObject({
      result: { status: "complete", output: "Hello Ann", steps: [{ output: "Hello Ann" }] },
    });
  });
  expect(await project.stop()).toMatchObject({ code: 0 });
});

test("a project without a fetch handler has the explorer's API alone", async () => {
  const directory = await writeProject({ "wrangler.json": CONFIG, "index.js": WORKFLOW });
  const project = await startProject(directory);

  expect(project.output).toContain("there is no fetch handler");
  expect((await project.call(`${API}/workflows/greet`)).status).toBe(200);
  expect((await project.call("/")).status).toBe(404);
  expect(await project.stop()).toMatchObject({ code: 0 });
});
