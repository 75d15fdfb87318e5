/** Hooks for Node's module loader. They may run in a thread of their own, so they know only URLs. */
import type { InitializeHook, ResolveHook } from "node:module";

let moduleUrls: Readonly<Record<string, string>> = {};

export const initialize: InitializeHook<Readonly<Record<string, string>>> = (data) => {
  moduleUrls = data;
};

export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  const url = moduleUrls[specifier];
  return url === undefined ? nextResolve(specifier, context) : { url, shortCircuit: true };
};
