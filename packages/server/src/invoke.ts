/**
 * The way of a call through the server: who is it, may he, is it well formed, what comes of it.
 *
 * Nothing of a body is read before it is known that the caller may make the call.
 */
import type { Namespace } from "bullmq-workflows/internal";
import type { z } from "zod";
import { identify, isLoopback } from "./access/authentication.ts";
import type { AuthenticationParts, Peer } from "./access/authentication.ts";
import { describeRequest } from "./access/audit-log.ts";
import type { AuditLog } from "./access/audit-log.ts";
import { isWithin, whyRefused } from "./access/principal.ts";
import type { Principal } from "./access/principal.ts";
import { invalidInput, noRoute, refused, workflowNotFound } from "./api-error.ts";
import type { ApiError } from "./api-error.ts";
import { readJson, readJsonIfAny } from "./body.ts";
import { fail, succeed } from "./envelope.ts";
import { toApiError } from "./errors.ts";
import type { Jobs } from "./jobs.ts";
import type { Rechecks } from "./access/rechecks.ts";
import type { LiveAnswers, Reader, StartTelling } from "./live/live-answers.ts";
import type { WebhookService } from "./webhooks/webhook-service.ts";
import type { NamespaceFeed } from "./live/namespace-feed.ts";
import type { KnownWorkflow, Operation, ServerFacts } from "./operation.ts";
import { readQuery } from "./query.ts";

export interface ServedNamespace {
  readonly namespace: Namespace;
  readonly jobs: Jobs;
  readonly feed: NamespaceFeed;
  readonly webhooks: WebhookService;
}

export interface InvocationParts extends AuthenticationParts {
  readonly audit: AuditLog;
  readonly live: LiveAnswers;
  readonly rechecks: Rechecks;
  readonly bodyLimitBytes: number;
  readonly namespaceOf: (name: string) => ServedNamespace | undefined;
  readonly server: ServerFacts;
  readonly onError: (error: unknown) => void;
  /** Puts what went wrong in the words of another API. @defaultValue as it is */
  readonly reword?: (failure: ApiError) => ApiError;
}

export interface Invocation {
  readonly operation: Operation;
  readonly request: Request;
  readonly peer: Peer;
  /** What the path says, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** Breaks the caller's connection, if the host lets us. */
  readonly cutOff?: (() => void) | undefined;
}

/** An invocation by somebody who may make it. */
interface Admitted extends Invocation {
  /** Absent where nobody is asked who he is. */
  readonly principal: Principal | undefined;
  /** Absent for what concerns the server itself. */
  readonly served: ServedNamespace | undefined;
}

const MAY_CHANGE: ReadonlySet<Operation["role"]> = new Set(["operate", "admin"]);

/** Carries a call out. Never rejects: whatever goes wrong is an answer too. */
export async function invoke(invocation: Invocation, parts: InvocationParts): Promise<Response> {
  return await answering(parts, async () => {
    const principal = await principalOf(invocation, parts);
    const limits = takeFromLimits(principal, parts);
    const response = await answering(parts, async () => {
      const admitted = admit(invocation, principal, parts);
      if (MAY_CHANGE.has(invocation.operation.role)) return await onRecord(admitted, parts);
      return await carryOut(admitted, parts, undefined);
    });
    for (const [name, value] of Object.entries(limits)) response.headers.set(name, value);
    return response;
  });
}

/** Carries it out once it is written down, and writes down how it went. */
async function onRecord(admitted: Admitted, parts: InvocationParts): Promise<Response> {
  const { operation, principal, served, request, peer } = admitted;
  const call = await parts.audit.record({
    type: "call",
    at: new Date().toISOString(),
    principal: principal?.name ?? "anybody",
    operation: operation.id,
    ...(served && { namespace: served.namespace.name }),
    ...describeRequest(request, peer),
  });
  const response = await answering(parts, async () => await carryOut(admitted, parts, call));
  const at = new Date().toISOString();
  // The call is on record. That its answer is not must not make whoever made it repeat it.
  const noted = parts.audit.record({ type: "answer", at, call, status: response.status });
  await noted.catch(parts.onError);
  return response;
}

/** Whatever goes wrong, as an answer. */
export async function answering(
  { onError, reword = (failure) => failure }: Pick<InvocationParts, "onError" | "reword">,
  respond: () => Promise<Response>,
): Promise<Response> {
  try {
    return await respond();
  } catch (error) {
    const failure = toApiError(error);
    if (failure.status >= 500) onError(error);
    return fail(reword(failure));
  }
}

/** @throws {@link ApiError} 401, or 429 */
async function principalOf(
  { operation, request, peer }: Invocation,
  parts: InvocationParts,
): Promise<Principal | undefined> {
  return operation.role === "open" ? undefined : await identify(request, peer, parts);
}

/** Answers what the call's answer has to say of it. @throws {@link ApiError} 429 */
function takeFromLimits(
  principal: Principal | undefined,
  { limits }: InvocationParts,
): Readonly<Record<string, string>> {
  if (!limits || !principal || isLoopback(principal)) return {};
  return limits.take(principal.name);
}

/** @throws {@link ApiError} 403 or 404 */
function admit(
  invocation: Invocation,
  principal: Principal | undefined,
  parts: InvocationParts,
): Admitted {
  const { request, path } = invocation;
  const { scope } = invocation.operation;
  if (principal) authorize(invocation, principal);
  const served = scope === "account" ? parts.namespaceOf(path["account_id"] ?? "") : undefined;
  if (scope === "account" && !served) throw noRoute(new URL(request.url).pathname);
  return { ...invocation, principal, served };
}

/** @throws {@link ApiError} 403 */
function authorize({ operation, path }: Invocation, principal: Principal): void {
  const { role, scope } = operation;
  if (role === "open") return;
  const { account_id: account = "", workflow_name: workflow } = path;
  const namespace = scope === "account" ? account : undefined;
  const reason = whyRefused(principal, { role, namespace, workflow });
  if (reason !== undefined) throw refused(403, reason);
}

/** @param entry of the call in the audit log, if it is on record. */
async function carryOut(
  admitted: Admitted,
  parts: InvocationParts,
  entry: string | undefined,
): Promise<Response> {
  const { operation, request, principal, served, path } = admitted;
  const { searchParams } = new URL(request.url);
  const read = operation.hasOptionalBody ? readJsonIfAny : readJson;
  const body = operation.body && (await read(request, parts.bodyLimitBytes));
  const call = {
    path: check(operation.path, path),
    query: operation.query ? check(operation.query, readQuery(operation.query, searchParams)) : {},
    body: operation.body && check(operation.body, body),
    request,
    principal,
    server: parts.server,
    ...served,
    audit: parts.audit,
    note: async (detail: Readonly<Record<string, unknown>>) => {
      if (entry === undefined) return;
      const at = new Date().toISOString();
      await parts.audit.record({ type: "detail", at, call: entry, detail });
    },
    ...(served && {
      live: async (start: StartTelling) =>
        await parts.live.answer(toReader(admitted, parts), start),
      workflow: async () => await openWorkflow(served.namespace, path["workflow_name"] ?? ""),
    }),
  };
  const answer = await operation.handle(call as never);
  if (answer instanceof Response) return answer;
  if (operation.isBare) return Response.json(answer.result);
  return succeed(answer.result, answer.resultInfo);
}

function toReader(admitted: Admitted, parts: InvocationParts): Reader {
  const { request, peer, principal, cutOff } = admitted;
  return {
    principal: principal?.name ?? "anybody",
    isHead: request.method === "HEAD",
    cutOff,
    recheck: async () => {
      const now = await parts.rechecks.identify(request, peer, parts);
      authorize(admitted, now);
      // What is told of a whole namespace goes by what he might see when it began.
      const isOfAll = admitted.path["workflow_name"] === undefined;
      if (isOfAll && principal && !isWithin(principal.workflows, now.workflows)) {
        throw refused(403, "he may see less than when it began");
      }
    },
  };
}

async function openWorkflow(namespace: Namespace, name: string): Promise<KnownWorkflow> {
  const record = await namespace.directory.workflow(name);
  if (!record) throw workflowNotFound();
  return { ...namespace.open(record), record };
}

/** @throws {@link ApiError} 400 saying where and why */
function check(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues.map(ofUnion);
  const where = issue?.path.join(".") ?? "";
  throw invalidInput(`${where === "" ? "" : `\`${where}\`: `}${issue?.message ?? "invalid"}`);
}

/** Of one of several kinds, no more is said than that it is invalid: what is wrong with its kind says why. */
function ofUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const ofItsKind = issue.errors
    .flatMap(([first]) => first ?? [])
    .findLast(({ code, path }) => code !== "invalid_type" || path.length > 0);
  return ofItsKind ? { ...ofItsKind, path: [...issue.path, ...ofItsKind.path] } : issue;
}
