/** examples/cloudflare-starter, as the command runs it: on its own embedded server. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startProject } from "./support/cli.ts";

const PROJECT = fileURLToPath(new URL("../../../examples/cloudflare-starter/", import.meta.url));
const TSC = createRequire(import.meta.url).resolve("typescript/bin/tsc");

test("an order is taken, charged at the second attempt, approved and shipped", async () => {
  const project = await startProject(PROJECT);
  const look = async (id: string) => (await project.call(`/orders/${id}`)).body;

  const order = { method: "POST", body: JSON.stringify({ item: "tea", count: 2 }) };
  const taken = await project.call("/orders", order);
  expect(taken).toEqual({ status: 201, body: { id: expect.any(String) } });
  const { id } = taken.body as { id: string };

  await eventually(async () => expect(await look(id)).toMatchObject({ status: "waiting" }));
  const approval = { method: "POST", body: JSON.stringify({ by: "Ada" }) };
  expect((await project.call(`/orders/${id}/approval`, approval)).status).toBe(204);

  await eventually(async () => expect(await look(id)).toMatchObject({ status: "complete" }));
  expect(await look(id)).toMatchObject({
    output: { text: "Corner Shop ships 2 × tea for 6", attempts: 2, approvedBy: "Ada" },
  });
  expect(project.output).toContain(`Order ${id} was taken`);
  expect(await project.stop()).toMatchObject({ code: 0 });
});

test("an order that makes no sense fails without a retry", async () => {
  const project = await startProject(PROJECT);
  const order = { method: "POST", body: JSON.stringify({ item: "tea", count: 0 }) };

  const { body } = await project.call("/orders", order);
  const { id } = body as { id: string };
  await eventually(async () => {
    expect((await project.call(`/orders/${id}`)).body).toMatchObject({
      status: "errored",
      error: { name: "NonRetryableError", message: "Nobody orders 0 of tea" },
    });
  });
});

test("it has no type errors against @cloudflare/workers-types", { timeout: 60_000 }, async () => {
  const checked = promisify(execFile)(process.execPath, [TSC, "-p", PROJECT]);

  await expect(checked).resolves.toEqual({ stdout: "", stderr: "" });
});

test("what an order has reserved is given back when its payment fails", async () => {
  const project = await startProject(PROJECT);
  const order = { method: "POST", body: JSON.stringify({ item: "gold", count: 200 }) };

  const { body } = await project.call("/orders", order);
  const { id } = body as { id: string };
  await eventually(async () => {
    expect((await project.call(`/orders/${id}`)).body).toMatchObject({
      status: "errored",
      error: { name: "NonRetryableError", message: "The card was declined" },
      rollback: { outcome: "complete", error: null },
    });
  });
  expect(project.output).toContain("Gave back 200 × gold: ");
});
