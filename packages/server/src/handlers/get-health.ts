import { z } from "zod";
import { serverOperation } from "../operation.ts";

export const getHealth = serverOperation({
  id: "getHealth",
  summary: "Ask whether the process lives",
  description: "Looks at nothing else, so that nobody restarts a server because Redis is away.",
  role: "open",
  path: z.object({}),
  result: z.object({ status: z.literal("ok") }),
  isBare: true,
  handle: async () => ({ result: { status: "ok" as const } }),
});
