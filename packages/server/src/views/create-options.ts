/** What Cloudflare's API says of a new instance, in the words of the binding. */
import type { WorkflowInstanceCreateOptions } from "bullmq-workflows";
import type { z } from "zod";
import type { NewInstance } from "../schemas.ts";

export function toCreateOptions(body: z.output<typeof NewInstance>): WorkflowInstanceCreateOptions {
  const { instance_id: id, params, instance_retention: retention, priority, delay, tags } = body;
  const { success_retention: success, error_retention: error } = retention ?? {};
  return {
    ...(id !== undefined && { id }),
    ...(params !== undefined && { params: toParams(params) }),
    ...(priority !== undefined && { priority }),
    // The library says what is wrong with a text that is none.
    ...(delay !== undefined && { delay: delay as number }),
    ...(tags && { tags }),
    retention: {
      ...(success !== undefined && { successRetention: success as number }),
      ...(error !== undefined && { errorRetention: error as number }),
    },
  };
}

/** The SDK sends JSON in a string, wrangler the value itself. A string that is no JSON is meant as one. */
function toParams(params: unknown): unknown {
  if (typeof params !== "string") return params;
  try {
    return JSON.parse(params) as unknown;
  } catch {
    // Genuine text.
    return params;
  }
}
