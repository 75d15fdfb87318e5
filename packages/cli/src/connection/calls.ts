/** Calls that more than one command makes. */
import type { PartsOf, ResultOf } from "@bullmq-workflows/client";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import type { Api } from "./api.ts";

/** What stands for the instance that was created last. */
const LATEST = "latest";

/** @throws {@link CommandError} when there is none to stand for. */
export async function resolveInstance(api: Api, workflow: string, id: string): Promise<string> {
  if (id !== LATEST) return id;
  const [newest] = await api.call("listInstances", {
    path: { workflow_name: workflow },
    query: { per_page: 1 },
  });
  if (newest) return newest.id;
  throw new CommandError(`The workflow "${workflow}" has no instances.`, EXIT.notFound);
}

/** The API takes a pause or a resume of what has ended, and answers with the status that it keeps. */
const ENDED: ReadonlySet<string> = new Set(["complete", "errored", "terminated"]);

export function hasEnded({ status }: ResultOf<"changeStatus">): boolean {
  return ENDED.has(status);
}

/** Pauses, resumes, restarts or terminates an instance. */
export async function changeStatus(
  api: Api,
  { workflow, instance }: { readonly workflow: string; readonly instance: string },
  body: PartsOf<"changeStatus">["body"],
): Promise<ResultOf<"changeStatus">> {
  const path = { workflow_name: workflow, instance_id: instance };
  return await api.call("changeStatus", { path, body });
}
