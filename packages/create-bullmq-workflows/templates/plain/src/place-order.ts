/** Places an order, approves it, and waits until it is shipped; all over the REST API that `npm run dev` serves. */
import { setTimeout as delay } from "node:timers/promises";

const server = process.env["BULLMQ_WORKFLOWS_URL"] ?? "http://localhost:8787";
const token = process.env["BULLMQ_WORKFLOWS_TOKEN"];
const instances = `${server}/client/v4/accounts/default/workflows/orders/instances`;

interface Instance {
  readonly id: string;
  readonly status: string;
  readonly steps: readonly { readonly name: string }[];
  readonly output: unknown;
}

async function call(path: string, body?: unknown): Promise<Instance> {
  const response = await fetch(`${instances}${path}`, {
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
  const { success, result, errors } = (await response.json()) as {
    readonly success: boolean;
    readonly result: Instance;
    readonly errors: unknown;
  };
  if (!success) throw new Error(`${path} was refused: ${JSON.stringify(errors)}`);
  return result;
}

const { id } = await call("", { params: { item: "tea", count: 2 } });
console.log(`Order ${id} was placed`);
await call(`/${id}/events/approval`, { by: "Ada" });

let shown = "";
for (;;) {
  const { status, steps, output } = await call(`/${id}`);
  const line = `${status}, steps: ${steps.length}`;
  if (line !== shown) console.log(line);
  shown = line;
  if (status === "complete" || status === "errored" || status === "terminated") {
    console.log(output);
    break;
  }
  await delay(200);
}
