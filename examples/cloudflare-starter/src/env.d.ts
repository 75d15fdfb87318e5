/** What `wrangler types` writes into worker-configuration.d.ts. */
interface Env {
  readonly SHOP: string;
  readonly ORDERS: Workflow;
}
