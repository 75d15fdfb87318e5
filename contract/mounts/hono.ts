import { createAdaptorServer } from "@hono/node-server";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Server } from "node:http";
import { tend } from "./listen.ts";
import { server } from "./server.ts";

const app = new Hono<{ Bindings: HttpBindings }>();
// The one line. With `env` it knows where a call comes from.
app.all("/client/v4/*", (context) => server.fetch(context.req.raw, context.env));

app.get("/", (context) => context.text("the host's own page"));
app.post("/echo", async (context) => context.json(await context.req.json<object>()));
tend(createAdaptorServer({ fetch: app.fetch }).listen(0, "127.0.0.1") as Server);
