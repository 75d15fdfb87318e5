/** What names an instance on a command line. */
import type { Argument } from "../../command.ts";
import { argument } from "../../flags.ts";

export const INSTANCE_ARGS: {
  readonly name: Argument<string>;
  readonly id: Argument<string>;
} = {
  name: argument("the workflow"),
  id: argument("the instance, or latest"),
};
