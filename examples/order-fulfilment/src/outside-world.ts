/** The process of everybody else: the payment provider and the warehouse. It is never killed. */
import { readSettings, sayReady, untilToldToStop } from "./child-process.ts";
import { PaymentProvider } from "./payment-provider.ts";
import { WarehouseService } from "./warehouse.ts";
import type { StockItem } from "./warehouse.ts";

export interface OutsideWorldSettings {
  readonly seed: number;
  readonly stock: readonly StockItem[];
}

export interface OutsideWorldAddress {
  readonly paymentsUrl: string;
  readonly warehouseUrl: string;
}

const { seed, stock } = readSettings() as OutsideWorldSettings;
const payments = await new PaymentProvider(seed).start();
const warehouse = await new WarehouseService(stock).start();
sayReady({
  paymentsUrl: payments.url,
  warehouseUrl: warehouse.url,
} satisfies OutsideWorldAddress);

await untilToldToStop();
await Promise.all([payments.close(), warehouse.close()]);
process.exit();
