/** The reference of the API, for people. It has no script, and loads nothing from anywhere. */
import { z } from "zod";
import { serverOperation } from "../operation.ts";
import { STYLE_HASH } from "../openapi/reference-page.ts";

const POLICY = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const getReference = serverOperation({
  id: "getReference",
  summary: "Read this description of the API as a page",
  role: "open",
  path: z.object({}),
  streams: ["text/html"],
  handle: async ({ server }) =>
    new Response(server.referencePage(), {
      headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY },
    }),
});
