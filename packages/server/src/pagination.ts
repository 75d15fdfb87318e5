/** Pages by number, as Cloudflare's SDK asks for them: until one is empty. */
import type { ResultInfo } from "./envelope.ts";

export const DEFAULT_PER_PAGE = 25;

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly resultInfo: ResultInfo;
}

/** One page of what is all here. A page past the end is empty. */
export function pageOf<T>(
  all: readonly T[],
  {
    page = 1,
    per_page: perPage = DEFAULT_PER_PAGE,
  }: { readonly page?: number | undefined; readonly per_page?: number | undefined },
): PageOf<T> {
  const items = all.slice((page - 1) * perPage, page * perPage);
  return {
    items,
    resultInfo: toResultInfo({ count: items.length, perPage, total: all.length, page }),
  };
}

export function toResultInfo(facts: {
  readonly count: number;
  readonly perPage: number;
  readonly total?: number | undefined;
  readonly page?: number | undefined;
  readonly cursor?: string | undefined;
}): ResultInfo {
  const { count, perPage, total, page, cursor } = facts;
  return {
    count,
    per_page: perPage,
    ...(total !== undefined && { total_count: total }),
    ...(page !== undefined && { page }),
    ...(page !== undefined &&
      total !== undefined && { total_pages: Math.max(1, Math.ceil(total / perPage)) }),
    ...(cursor !== undefined && { cursor }),
  };
}
