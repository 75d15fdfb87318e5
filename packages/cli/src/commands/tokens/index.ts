import type { Group } from "../../command.ts";
import { create } from "./create.ts";
import { list } from "./list.ts";
import { revoke } from "./revoke.ts";

export const tokens: Group = {
  name: "tokens",
  summary: "Creates, lists and revokes the tokens by which a server knows who is calling",
  commands: [create, list, revoke],
  examples: [
    { line: "tokens create billing --role operate --expires '90 days'", summary: "shown once" },
  ],
};
