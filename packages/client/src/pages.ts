/** A list that comes in pages: item by item, or page by page. */
import type { ResultInfo } from "./api.generated.ts";

export interface Page<Item> {
  readonly result: readonly Item[];
  readonly result_info: ResultInfo;
}

/** Where a page begins, as a part of the query. */
export type Place = { readonly cursor: string } | { readonly page: number };

/** Nothing is asked for before it is needed. Can be gone through any number of times. */
export class Pages<Item> implements AsyncIterable<Item> {
  readonly #read: (place: Place | undefined) => Promise<Page<Item>>;

  constructor(read: (place: Place | undefined) => Promise<Page<Item>>) {
    this.#read = read;
  }

  /** The first page. */
  async first(): Promise<Page<Item>> {
    return await this.#read(undefined);
  }

  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    for (let place: Place | undefined; ;) {
      const page = await this.#read(place);
      yield page;
      place = placeAfter(page);
      if (!place) return;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.result;
  }

  /** All items, or as many as the limit says. */
  async toArray(limit: number = Infinity): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this) {
      if (items.length >= limit) break;
      items.push(item);
    }
    return items;
  }
}

/** A cursor stays right while things come and go, so it is taken where there is one. */
function placeAfter({ result, result_info: info }: Page<unknown>): Place | undefined {
  if (info.cursor !== undefined) return { cursor: info.cursor };
  const { page, total_pages: last } = info;
  const isMore = result.length > 0 && page !== undefined && last !== undefined && page < last;
  return isMore ? { page: page + 1 } : undefined;
}
