/** The form of every answer, which is Cloudflare's: what came of it, or what went wrong. */
import type { ApiError } from "./api-error.ts";

/** Which page of how many a list is. */
export interface ResultInfo {
  readonly count: number;
  readonly per_page: number;
  /** Absent where no index knows. */
  readonly total_count?: number;
  readonly page?: number;
  readonly total_pages?: number;
  /** Present when there are more. */
  readonly cursor?: string;
}

/** What the local explorer says of a list. */
export interface ExplorerResultInfo extends Partial<Omit<ResultInfo, "cursor">> {
  readonly status_counts?: Readonly<Record<string, number>>;
}

export function succeed(result: unknown, resultInfo?: ResultInfo | ExplorerResultInfo): Response {
  return Response.json({
    success: true,
    errors: [],
    messages: [],
    result,
    ...(resultInfo && { result_info: resultInfo }),
  });
}

export function fail({ status, code, message, headers }: ApiError): Response {
  const body = { success: false, errors: [{ code, message }], messages: [], result: null };
  return Response.json(body, { status, headers });
}
