import { z } from "zod";
import { serverOperation } from "../operation.ts";

export const getDocument = serverOperation({
  id: "getDocument",
  summary: "Get this description of the API, as OpenAPI 3.1",
  role: "open",
  path: z.object({}),
  result: z.looseObject({ openapi: z.string() }),
  isBare: true,
  handle: async ({ server }) =>
    new Response(server.documentText(), { headers: { "content-type": "application/json" } }),
});
