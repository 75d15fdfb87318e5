/** The same accounts, in the form in which Cloudflare says that somebody belongs to them. */
import { z } from "zod";
import { serverOperation } from "../operation.ts";
import { pageOf } from "../pagination.ts";
import { PageQuery } from "../schemas.ts";
import { Account, accountsOf } from "./list-accounts.ts";

const Membership = z
  .object({
    id: z.string(),
    status: z.literal("accepted"),
    account: Account,
    roles: z.array(z.string()).describe("What you may do, here: one of view, operate, admin."),
  })
  .meta({ id: "Membership" });

export const listMemberships = serverOperation({
  id: "listMemberships",
  summary: "List the accounts that you may use, and as what",
  role: "view",
  path: z.object({}),
  query: PageQuery,
  result: z.array(Membership),
  isPaged: true,
  handle: async ({ server, principal, query }) => {
    const { items, resultInfo } = pageOf(accountsOf(principal, server), query);
    const roles = principal ? [principal.role] : [];
    return {
      result: items.map((account) => ({
        id: account.id,
        status: "accepted" as const,
        account,
        roles,
      })),
      resultInfo,
    };
  },
});
