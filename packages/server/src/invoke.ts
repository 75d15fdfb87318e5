/**
 * The way of a call through the server: who is it, may he, is it well formed, what comes of it.
 *
 * Nothing of a body is read before it is known that the caller may make the call.
 */
import type { Namespace } from "bullmq-workflows/internal";
import type { z } from "zod";
import { identify } from "./access/authentication.ts";
import type { AuthenticationParts, Peer } from "./access/authentication.ts";
import { describeRequest } from "./access/audit-log.ts";
import type { AuditLog } from "./access/audit-log.ts";
import { whyRefused } from "./access/principal.ts";
import type { Principal } from "./access/principal.ts";
import { invalidInput, noRoute, refused, workflowNotFound } from "./api-error.ts";
import { readJson } from "./body.ts";
import { fail, succeed } from "./envelope.ts";
import { toApiError } from "./errors.ts";
import type { Jobs } from "./jobs.ts";
import type { KnownWorkflow, Operation } from "./operation.ts";
import { readQuery } from "./query.ts";

export interface ServedNamespace {
  readonly namespace: Namespace;
  readonly jobs: Jobs;
}

export interface InvocationParts extends AuthenticationParts {
  readonly audit: AuditLog;
  readonly bodyLimitBytes: number;
  readonly namespaceOf: (name: string) => ServedNamespace | undefined;
  readonly onError: (error: unknown) => void;
}

export interface Invocation {
  readonly operation: Operation;
  readonly request: Request;
  readonly peer: Peer;
  /** What the path says, decoded. */
  readonly path: Readonly<Record<string, string>>;
}

/** An invocation by somebody who may make it. */
interface Admitted extends Invocation {
  readonly principal: Principal;
  readonly served: ServedNamespace;
}

/** Carries a call out. Never rejects: whatever goes wrong is an answer too. */
export async function invoke(invocation: Invocation, parts: InvocationParts): Promise<Response> {
  return await answering(parts, async () => {
    const admitted = await admit(invocation, parts);
    if (invocation.operation.role === "view") return await carryOut(admitted, parts, undefined);
    const call = await parts.audit.record({
      type: "call",
      at: new Date().toISOString(),
      principal: admitted.principal.name,
      operation: invocation.operation.id,
      namespace: admitted.served.namespace.name,
      ...describeRequest(invocation.request, invocation.peer.remoteAddress),
    });
    const response = await answering(parts, async () => await carryOut(admitted, parts, call));
    const at = new Date().toISOString();
    // The call is on record. That its answer is not must not make whoever made it repeat it.
    const noted = parts.audit.record({ type: "answer", at, call, status: response.status });
    await noted.catch(parts.onError);
    return response;
  });
}

/** Whatever goes wrong, as an answer. */
export async function answering(
  { onError }: Pick<InvocationParts, "onError">,
  respond: () => Promise<Response>,
): Promise<Response> {
  try {
    return await respond();
  } catch (error) {
    const failure = toApiError(error);
    if (failure.status >= 500) onError(error);
    return fail(failure);
  }
}

/** @throws {@link ApiError} 401, 403 or 404 */
async function admit(invocation: Invocation, parts: InvocationParts): Promise<Admitted> {
  const { operation, request, peer, path } = invocation;
  const principal = await identify(request, peer, parts);
  const { account_id: namespace = "", workflow_name: workflow } = path;
  const reason = whyRefused(principal, { role: operation.role, namespace, workflow });
  if (reason !== undefined) throw refused(403, reason);
  const served = parts.namespaceOf(namespace);
  if (!served) throw noRoute(new URL(request.url).pathname);
  return { ...invocation, principal, served };
}

/** @param entry of the call in the audit log, if it is on record. */
async function carryOut(
  admitted: Admitted,
  parts: InvocationParts,
  entry: string | undefined,
): Promise<Response> {
  const { operation, request, principal, served, path } = admitted;
  const { searchParams } = new URL(request.url);
  const body = operation.body && (await readJson(request, parts.bodyLimitBytes));
  const call = {
    path: check(operation.path, path),
    query: operation.query ? check(operation.query, readQuery(operation.query, searchParams)) : {},
    body: operation.body && check(operation.body, body),
    request,
    principal,
    ...served,
    audit: parts.audit,
    note: async (detail: Readonly<Record<string, unknown>>) => {
      if (entry === undefined) return;
      const at = new Date().toISOString();
      await parts.audit.record({ type: "detail", at, call: entry, detail });
    },
    workflow: async () => await openWorkflow(served.namespace, path["workflow_name"] ?? ""),
  };
  const answer = await operation.handle(call as never);
  if (answer instanceof Response) return answer;
  return succeed(answer.result, answer.resultInfo);
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
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw invalidInput(`${where === "" ? "" : `\`${where}\`: `}${issue?.message ?? "invalid"}`);
}
