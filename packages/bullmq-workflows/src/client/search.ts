/** Finding instances: what may be asked for, checked, and pages of what is found. */
import type { InstancePage, ListRequest } from "../engine/ports/listing.ts";
import type { Store } from "../engine/ports/store.ts";
import { InvalidArgumentError } from "../model/errors.ts";
import { fieldLabel, isValidTag, tagLabel } from "../model/labels.ts";
import { SEARCHABLE_VALUE_LENGTH_LIMIT } from "../model/limits.ts";
import { STATUSES } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";

/** Which instances are meant: those for which all of this holds. Instants are epoch milliseconds. */
export interface WorkflowInstanceFilter {
  /** One of these. @defaultValue any */
  statuses?: readonly InstanceStatus[];
  /** With all of these tags. */
  tags?: readonly string[];
  /** With these values in their params, by the path of a field that is `searchable`. */
  params?: Readonly<Record<string, string | number | boolean>>;
  /** What their ids begin with. */
  idPrefix?: string;
  /** Only those that errored with this in `name: message`. The case of ASCII letters makes no difference. */
  error?: string;
  /** Created then or later … */
  createdFrom?: number;
  /** … and then or earlier. */
  createdTo?: number;
  /** Ended then or later … */
  endedFrom?: number;
  /** … and then or earlier. */
  endedTo?: number;
}

/** What a filter is for the store. */
export type ListScope = Omit<ListRequest, "limit" | "cursor" | "skip" | "first">;

/** @throws {@link InvalidArgumentError} (`list.invalid`) */
export function toListScope(
  { tags = [], params = {}, statuses, ...rest }: WorkflowInstanceFilter,
  searchable: readonly string[],
): ListScope {
  for (const status of statuses ?? []) checkStatus(status);
  checkRange("created", rest.createdFrom, rest.createdTo);
  checkRange("ended", rest.endedFrom, rest.endedTo);
  const labels = [
    ...tags.map(toTagLabel),
    ...Object.entries(params).map(([path, value]) => toFieldLabel(path, value, searchable)),
  ];
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as ListScope),
    ...(statuses && { statuses: [...new Set(statuses)] }),
    ...(labels.length > 0 && { labels: [...new Set(labels)] }),
  };
}

/** Looks at the store for one page. More would let whoever asks wait for long. */
const LOOKS = 20;

/** A page of those that are meant; one that was looked for in vain for long has fewer than asked for. */
export async function findInstances(
  store: Pick<Store, "instances">,
  request: ListRequest,
): Promise<InstancePage> {
  const { skip: _, ...further } = request;
  let page = await store.instances.list(request);
  const found = [...page.instances];
  for (let looks = 1; looks < LOOKS && found.length < request.limit && page.cursor; looks++) {
    const limit = request.limit - found.length;
    page = await store.instances.list({ ...further, cursor: page.cursor, limit });
    found.push(...page.instances);
  }
  return { ...page, instances: found };
}

function checkStatus(status: InstanceStatus): void {
  if (STATUSES.includes(status)) return;
  throw listError(
    `Expected \`status\` to be one of ${STATUSES.join(", ")}, got \`${String(status)}\``,
  );
}

function checkRange(what: string, from: number | undefined, to: number | undefined): void {
  if (from === undefined || to === undefined || from <= to) return;
  throw listError(`The range of times in which instances were ${what} begins after its end`);
}

function toTagLabel(tag: string): string {
  if (isValidTag(tag)) return tagLabel(tag);
  throw listError(`No instance can have the tag \`${String(tag).slice(0, 100)}\``);
}

function toFieldLabel(path: string, value: unknown, searchable: readonly string[]): string {
  if (!searchable.includes(path)) {
    const known =
      searchable.length > 0
        ? `but by ${searchable.join(", ")}`
        : "as the workflow was registered without `searchable`";
    throw listError(`Params cannot be searched by \`${path.slice(0, 100)}\`, ${known}`);
  }
  const label = fieldLabel(path, value);
  if (label !== undefined) return label;
  const rule = `at most ${SEARCHABLE_VALUE_LENGTH_LIMIT} characters`;
  throw listError(
    `Expected the value of \`${path}\` to be a text, a number or a boolean of ${rule}`,
  );
}

export function listError(sentence: string): InvalidArgumentError {
  return new InvalidArgumentError("list.invalid", sentence);
}
