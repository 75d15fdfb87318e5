/**
 * The namespaces that somebody may use, as Cloudflare's accounts. By this, and by
 * {@link listMemberships}, wrangler finds out which one it is for when nobody has told it.
 */
import { z } from "zod";
import { includes } from "../access/principal.ts";
import type { Principal } from "../access/principal.ts";
import { serverOperation } from "../operation.ts";
import type { ServerFacts } from "../operation.ts";
import { pageOf } from "../pagination.ts";
import { PageQuery } from "../schemas.ts";

export const Account = z
  .object({
    id: z.string().describe("The namespace."),
    name: z.string().describe("The same."),
  })
  .meta({ id: "Account" });

export const listAccounts = serverOperation({
  id: "listAccounts",
  summary: "List the accounts that you may use, which are the namespaces",
  role: "view",
  path: z.object({}),
  query: PageQuery,
  result: z.array(Account),
  isPaged: true,
  handle: async ({ server, principal, query }) => {
    const { items, resultInfo } = pageOf(accountsOf(principal, server), query);
    return { result: [...items], resultInfo };
  },
});

export function accountsOf(
  principal: Principal | undefined,
  { namespaces }: ServerFacts,
): z.input<typeof Account>[] {
  const usable = namespaces.filter((name) => includes(principal?.namespaces ?? [], name));
  return usable.map((name) => ({ id: name, name }));
}
