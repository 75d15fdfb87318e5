/** Who is calling, and what he may do. */

/** `view` reads; `operate` also creates, commands and deletes instances; `admin` also workflows. */
export type Role = "view" | "operate" | "admin";

/** From the least to the most. */
export const ROLES: readonly Role[] = ["view", "operate", "admin"];

export interface Principal {
  /** As the audit log has it: `token:<id>`, `loopback`, or whatever the host's own check says. */
  readonly name: string;
  readonly role: Role;
  /** The namespaces that it may use. */
  readonly namespaces: readonly string[] | "all";
  /** The workflows in them that it may use. One that is named need not exist yet. */
  readonly workflows: readonly string[] | "all";
}

/** What a call needs. */
export interface Demand {
  readonly role: Role;
  /** Absent for what concerns the server, not a namespace. */
  readonly namespace?: string | undefined;
  /** Absent for what concerns all of a namespace. */
  readonly workflow?: string | undefined;
}

/** Why the principal may not; `undefined` when it may. */
export function whyRefused(principal: Principal, demand: Demand): string | undefined {
  const { role, namespace, workflow } = demand;
  if (namespace !== undefined && !includes(principal.namespaces, namespace))
    return `no access to "${namespace}"`;
  if (ROLES.indexOf(principal.role) < ROLES.indexOf(role)) {
    return `needs the role "${role}", not "${principal.role}"`;
  }
  if (workflow !== undefined && !includes(principal.workflows, workflow)) {
    return `no access to workflow "${workflow}"`;
  }
  return undefined;
}

export function includes(scope: readonly string[] | "all", name: string): boolean {
  return scope === "all" || scope.includes(name);
}

/** Whether whoever may see all of `scope` may still see that. */
export function isWithin(
  scope: readonly string[] | "all",
  now: readonly string[] | "all",
): boolean {
  if (scope === "all") return now === "all";
  return scope.every((name) => includes(now, name));
}
