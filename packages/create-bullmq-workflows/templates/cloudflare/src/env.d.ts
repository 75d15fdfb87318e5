/** What `wrangler types` writes, shortened. */
interface Env {
  readonly SHOP: string;
  readonly ORDERS: Workflow;
}
