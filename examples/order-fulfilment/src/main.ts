/**
 * 200 orders, an unreliable payment provider, and workers that keep being killed.
 *
 * The story has three parts: open the shop, serve everybody, go through the books. It ends with one
 * line, in which every figure was counted.
 */
import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { WorkflowEngine } from "bullmq-workflows";
import type { Workflow } from "bullmq-workflows";
import { audit } from "./audit.ts";
import { startChild, stopChild } from "./child-process.ts";
import { CrashMonkey } from "./crash-monkey.ts";
import type { Order } from "./order.ts";
import { forgetOrders, placeOrders, readFinalStates, watchOrders } from "./order-desk.ts";
import type { Counts } from "./order-desk.ts";
import { OrderWorkflow } from "./order-workflow.ts";
import type { OutsideWorldAddress, OutsideWorldSettings } from "./outside-world.ts";
import type { PaymentReport } from "./payment-provider.ts";
import { openRedis } from "./redis.ts";
import { describeCounts, describeFindings, describePayments, summarize } from "./report.ts";
import { Screen } from "./screen.ts";
import { ORDERS, readDemoSettings } from "./settings.ts";
import { Interrupted, Shutdown } from "./shutdown.ts";
import type { StockItem, WarehouseReport } from "./warehouse.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";
import { WorkerPool } from "./worker-pool.ts";

const WORKER_COUNT = 2;
const DEADLINE_MS = 3 * 60_000;
/** What is left for the report and the shutdown when the deadline has passed. */
const GRACE_MS = 20_000;

/** The last line is printed when everything has been shut down, so that nothing comes after it. */
interface Ending {
  readonly lastLine: string;
  readonly exitCode: number;
}

interface Shop {
  readonly orders: Workflow<Order>;
  readonly workers: WorkerPool;
  readonly outside: OutsideWorldAddress;
}

const settings = readDemoSettings(process.env);
const deadline = Date.now() + DEADLINE_MS;
const screen = new Screen(process.stdout);
const shutdown = new Shutdown();

async function openShop(book: readonly Order[]): Promise<Shop> {
  const redis = await openRedis(settings.redisUrl);
  shutdown.atEnd(() => redis.close());
  screen.say(redis.description);

  const { prefix, seed } = settings;
  const engine = new WorkflowEngine({ connection: redis.url, prefix, mode: "client" });
  shutdown.atEnd(() => engine.close());
  const orders = engine.register(OrderWorkflow, ORDERS);
  if (redis.isYours) shutdown.atEnd(() => forgetOrders(orders, book));

  const webhooks = await startWebhookReceiver(orders);
  shutdown.atEnd(() => webhooks.close());

  const stock = await readData<StockItem[]>("stock.json");
  const outside = await startOutsideWorld({ seed, stock });

  const workers = new WorkerPool(
    { redisUrl: redis.url, prefix, webhookUrl: webhooks.url, ...outside },
    (accident) => shutdown.fail(accident),
  );
  shutdown.atEnd(() => workers.stop());
  await workers.start(WORKER_COUNT);
  return { orders, workers, outside };
}

async function serveEverybody({ orders, workers }: Shop, book: readonly Order[]): Promise<void> {
  const { seed, crashCount } = settings;
  screen.say(`${book.length} orders, ${crashCount} crashes to come. SEED=${seed} repeats them.`);

  const monkey = new CrashMonkey(workers, { seed, crashCount, orderCount: book.length });
  const onLook = (counts: Counts): void => {
    screen.progress(describeCounts(counts));
    const pid = monkey.strike(counts.complete);
    if (pid === undefined) return;
    screen.say(
      `kill -9 ${pid}, with ${counts.complete} orders complete, ${counts.running} running`,
    );
  };
  await Promise.all([
    placeOrders(orders, book, shutdown.signal),
    watchOrders(orders, { orderCount: book.length, deadline, onLook }, shutdown.signal),
  ]);
  screen.endProgress();
}

async function goThroughTheBooks(
  { orders, workers, outside }: Shop,
  book: readonly Order[],
): Promise<Ending> {
  const payments = await fetchReport<PaymentReport>(outside.paymentsUrl);
  const warehouse = await fetchReport<WarehouseReport>(outside.warehouseUrl);
  const findings = audit(await readFinalStates(orders, book), { payments, warehouse });
  describeFindings(findings).forEach((line) => screen.say(line));
  describePayments(payments).forEach((line) => screen.say(line));
  screen.say("");

  const isWell = findings.isFlawless && workers.crashCount >= settings.crashCount;
  return { lastLine: summarize(findings, workers.crashCount), exitCode: isWell ? 0 : 1 };
}

async function startOutsideWorld(world: OutsideWorldSettings): Promise<OutsideWorldAddress> {
  const child = startChild<OutsideWorldAddress>("./outside-world.ts", world);
  shutdown.atEnd(() => stopChild(child.process));
  return await child.ready;
}

async function fetchReport<Report>(url: string): Promise<Report> {
  const response = await fetch(`${url}/report`);
  return (await response.json()) as Report;
}

async function readData<Data>(name: string): Promise<Data> {
  return JSON.parse(await readFile(new URL(`../${name}`, import.meta.url), "utf8")) as Data;
}

function explain(error: unknown): Ending {
  const reason: unknown = shutdown.signal.aborted ? shutdown.signal.reason : error;
  if (reason instanceof Interrupted) return { lastLine: reason.message, exitCode: 130 };
  return { lastLine: inspect(reason), exitCode: 1 };
}

async function runDemo(): Promise<Ending> {
  const book = (await readData<Order[]>("orders.json")).slice(0, settings.orderCount);
  const shop = await openShop(book);
  await serveEverybody(shop, book);
  return await goThroughTheBooks(shop, book);
}

// For the case that not even the shutdown comes to an end. Children notice that their parent is gone.
setTimeout(() => process.exit(1), DEADLINE_MS + GRACE_MS).unref();

const ending = await runDemo().catch(explain);
screen.endProgress();
const failures = await shutdown.run();
for (const failure of failures) screen.say(`Shutting down: ${inspect(failure)}`);
screen.say(ending.lastLine);
process.exitCode = ending.exitCode || (failures.length > 0 ? 1 : 0);
