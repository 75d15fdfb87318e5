import { z } from "zod";
import { serverOperation } from "../operation.ts";

const Unready = z
  .object({
    status: z.literal("unready"),
    reasons: z.array(z.object({ code: z.string(), message: z.string() })).min(1),
  })
  .meta({ id: "Unready" });

export const getReadiness = serverOperation({
  id: "getReadiness",
  summary: "Ask whether calls can be served",
  description:
    "Whether Redis answers, takes writes and promises what `durability.minimum` demands. An answer holds for a second.",
  role: "open",
  path: z.object({}),
  result: z.object({ status: z.literal("ready") }),
  isBare: true,
  otherAnswers: { 503: { description: "They cannot, and why not.", body: Unready } },
  handle: async ({ server }) => {
    const { isReady, reasons } = await server.readiness.read();
    if (isReady) return { result: { status: "ready" as const } };
    return Response.json({ status: "unready", reasons }, { status: 503 });
  },
});
