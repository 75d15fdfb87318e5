/** The options by which instances are searched for, and those meant that a bulk action is about. */
import type { InstanceStatus, PartsOf } from "@bullmq-workflows/client";
import { UsageError } from "../command.ts";
import type { Flag } from "../command.ts";
import { choices, instant, text, texts } from "../flags.ts";
import { STATUSES } from "../views/words.ts";

const section = "Which instances";

type FilterFlags = {
  readonly status: Flag<readonly InstanceStatus[]>;
  readonly tag: Flag<readonly string[]>;
  readonly idPrefix: Flag<string | undefined>;
  readonly error: Flag<string | undefined>;
  readonly param: Flag<readonly string[]>;
  readonly dateStart: Flag<string | undefined>;
  readonly dateEnd: Flag<string | undefined>;
  readonly endedStart: Flag<string | undefined>;
  readonly endedEnd: Flag<string | undefined>;
};

export const FILTER_FLAGS: FilterFlags = {
  status: choices({
    section,
    value: "<status>",
    choices: STATUSES,
    summary: "in this status; repeat it for others",
  }),
  tag: texts({ section, value: "<tag>", summary: "with this tag; repeat it for more of them" }),
  idPrefix: text({ section, summary: "whose ids begin so" }),
  error: text({ section, summary: "whose error has this text" }),
  param: texts({
    section,
    value: "<field=value>",
    summary: "with this value in a param that the workflow declares as searchable; may be repeated",
  }),
  dateStart: instant({ section, summary: "created from then on" }),
  dateEnd: instant({ section, isEnd: true, summary: "created until then; a day is meant whole" }),
  endedStart: instant({ section, summary: "ended from then on" }),
  endedEnd: instant({ section, isEnd: true, summary: "ended until then; a day is meant whole" }),
};

export type FilterChoice = {
  readonly [Name in keyof FilterFlags]: FilterFlags[Name] extends Flag<infer T> ? T : never;
};

/** As the API has it in a body. Nothing that was not asked for is in it. */
export interface Filter {
  readonly status?: readonly InstanceStatus[];
  readonly tag?: readonly string[];
  readonly id_prefix?: string;
  readonly error?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly date_start?: string;
  readonly date_end?: string;
  readonly ended_start?: string;
  readonly ended_end?: string;
}

/** @throws {@link UsageError} when a `--param` has no `=`. */
export function toFilter(choice: FilterChoice): Filter {
  const { status, tag, idPrefix, error, param } = choice;
  const { dateStart, dateEnd, endedStart, endedEnd } = choice;
  return {
    ...(status.length > 0 && { status }),
    ...(tag.length > 0 && { tag }),
    ...(idPrefix !== undefined && { id_prefix: idPrefix }),
    ...(error !== undefined && { error }),
    ...(param.length > 0 && { params: Object.fromEntries(param.map(readField)) }),
    ...(dateStart !== undefined && { date_start: dateStart }),
    ...(dateEnd !== undefined && { date_end: dateEnd }),
    ...(endedStart !== undefined && { ended_start: endedStart }),
    ...(endedEnd !== undefined && { ended_end: endedEnd }),
  };
}

/** The same in a query, where fields are named one by one. */
export function toFilterQuery({
  params = {},
  ...rest
}: Filter): NonNullable<PartsOf<"listInstances">["query"]> {
  const fields = Object.entries(params).map(([name, value]) => [`params.${name}`, value] as const);
  return { ...rest, ...Object.fromEntries(fields) };
}

function readField(given: string): readonly [string, string] {
  const at = given.indexOf("=");
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  throw new UsageError(`Expected --param to be such as customer=7, got "${given}".`);
}
