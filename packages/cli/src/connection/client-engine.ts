/** An engine that runs nothing: what everything that is not a worker stands on. */
import { startServer } from "@bullmq-workflows/embedded";
import { WorkflowEngine } from "bullmq-workflows";
import type { Logger } from "bullmq-workflows";
import { given } from "../given.ts";
import { explainUnreachable } from "./api-failure.ts";

export interface EnginePlace {
  readonly url: string;
  readonly prefix: string | undefined;
  readonly namespace: string | undefined;
}

export function openClient(
  { url, prefix, namespace }: EnginePlace,
  logger?: Logger,
): WorkflowEngine {
  const options = given({ prefix, namespace, logger });
  return new WorkflowEngine({ connection: url, mode: "client", ...options });
}

/**
 * An engine waits for its Redis for a while; who typed a wrong URL is told at once.
 *
 * @param place the URL, without what nobody may see
 * @param advice where else to say which Redis it is
 * @throws {@link CommandError}
 */
export async function demandAnswer(url: string, place: string, advice?: string): Promise<void> {
  try {
    await startServer({ url });
  } catch (error) {
    throw explainUnreachable(error, place, advice);
  }
}
