/**
 * The warehouse: counts what is on the shelf, sets goods aside for an order, and sends them.
 *
 * An order has one place here, and each request moves it there at most once, so that asking again is
 * harmless. A refusal is remembered as well: the answer to a repeated request is the first answer.
 */
import type { IncomingMessage } from "node:http";
import { readJson, startHttpService } from "./http-service.ts";
import type { HttpService, Reply } from "./http-service.ts";
import type { OrderLine } from "./order.ts";

export interface StockItem {
  readonly sku: string;
  readonly quantity: number;
}

type Place =
  | { readonly state: "reserved"; readonly lines: readonly OrderLine[] }
  | { readonly state: "refused" | "released" }
  | { readonly state: "shipped"; readonly parcel: string };

export interface WarehouseReport {
  readonly places: Readonly<Record<string, Place["state"]>>;
}

export class WarehouseService {
  readonly #shelf: Map<string, number>;
  readonly #places = new Map<string, Place>();

  constructor(stock: readonly StockItem[]) {
    this.#shelf = new Map(stock.map(({ sku, quantity }) => [sku, quantity]));
  }

  start(): Promise<HttpService> {
    return startHttpService({ handle: (request) => this.#handle(request) });
  }

  async #handle(request: IncomingMessage): Promise<Reply> {
    const [, resource, orderId = ""] = (request.url ?? "").split("/");
    switch (`${request.method} ${resource}`) {
      case "PUT reservations":
        return this.#reserve(orderId, await readJson<readonly OrderLine[]>(request));
      case "DELETE reservations":
        return this.#release(orderId);
      case "PUT shipments":
        return this.#ship(orderId);
      case "GET report":
        return { status: 200, body: this.#report() };
      default:
        return { status: 404 };
    }
  }

  #reserve(orderId: string, lines: readonly OrderLine[]): Reply {
    const place = this.#places.get(orderId) ?? this.#setAside(lines);
    this.#places.set(orderId, place);
    return place.state === "refused"
      ? { status: 409, body: { reason: "out of stock" } }
      : { status: 200 };
  }

  /** All lines or none. */
  #setAside(lines: readonly OrderLine[]): Place {
    if (lines.some((line) => this.#onShelf(line.sku) < line.quantity)) return { state: "refused" };
    for (const { sku, quantity } of lines) this.#shelf.set(sku, this.#onShelf(sku) - quantity);
    return { state: "reserved", lines };
  }

  #release(orderId: string): Reply {
    const place = this.#places.get(orderId);
    if (place?.state === "shipped") return { status: 409, body: { reason: "already shipped" } };
    if (place?.state === "reserved") {
      for (const { sku, quantity } of place.lines) {
        this.#shelf.set(sku, this.#onShelf(sku) + quantity);
      }
    }
    this.#places.set(orderId, { state: "released" });
    return { status: 200 };
  }

  #ship(orderId: string): Reply {
    const place = this.#places.get(orderId);
    if (place?.state === "shipped") return { status: 200, body: { parcel: place.parcel } };
    if (place?.state !== "reserved") return { status: 409, body: { reason: "nothing reserved" } };
    const parcel = `parcel-for-${orderId}`;
    this.#places.set(orderId, { state: "shipped", parcel });
    return { status: 200, body: { parcel } };
  }

  #onShelf(sku: string): number {
    return this.#shelf.get(sku) ?? 0;
  }

  #report(): WarehouseReport {
    const states = [...this.#places].map(([orderId, { state }]) => [orderId, state] as const);
    return { places: Object.fromEntries(states) };
  }
}
