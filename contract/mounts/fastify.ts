import fastify from "fastify";
import { toNodeHandler } from "@bullmq-workflows/server/node";
import { tend } from "./listen.ts";
import { server } from "./server.ts";

const app = fastify();
// Before Fastify reads the body: the server does so itself.
const handle = toNodeHandler(server);
app.all("/client/v4/*", {
  onRequest: async (request, reply) => handle(request.raw, reply.hijack().raw),
  handler: () => {},
});

app.get("/", () => "the host's own page");
app.post("/echo", (request) => request.body);
await app.listen({ port: 0, host: "127.0.0.1" });
tend(app.server);
