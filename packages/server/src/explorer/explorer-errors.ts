/** What went wrong, in the words and with the numbers of Cloudflare's local explorer. */
import { ApiError } from "../api-error.ts";

/** Ours in the REST API → its own here. */
const NOT_FOUND: Readonly<Record<number, (path: Readonly<Record<string, string>>) => string>> = {
  10_200: ({ workflow_name: name }) => `Workflow '${name}' not found.`,
  10_400: ({ instance_id: id }) => `Workflow instance '${id}' not found.`,
  10_404: () => "Workflow step not found.",
};

/** Ranges of dates, and who is calling: as they are. */
const KEPT = new Set([10_502, 10_000, 7_001, 7_003]);

const INVALID = 10_002;

const CANNOT_RESTART = 10_402;

export function toExplorerError(
  failure: ApiError,
  path: Readonly<Record<string, string>>,
): ApiError {
  const { status, code, message } = failure;
  if (KEPT.has(code)) return failure;
  const describe = NOT_FOUND[code];
  if (describe) return new ApiError(404, 10_501, describe(path));
  if (code === INVALID) {
    return new ApiError(
      status,
      10_001,
      message.replace("workflows.api.error.body", "Invalid input"),
    );
  }
  return new ApiError(toStatus(failure), 10_001, message);
}

/** Whatever a binding refuses is a 500 there, but for what cannot be restarted. */
function toStatus({ status, code }: ApiError): number {
  if (code === CANNOT_RESTART) return 409;
  return Math.max(status, 500);
}
