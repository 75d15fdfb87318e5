/** Hooks for Node's module loader. They may run in a thread of their own, so they know only URLs. */
import type { InitializeHook, ResolveHook } from "node:module";

let moduleUrls: Readonly<Record<string, string>> = {};

export const initialize: InitializeHook<Readonly<Record<string, string>>> = (data) => {
  moduleUrls = data;
};

/** Not the last word: hooks before this one may have to know what kind of file it is. */
export const resolve: ResolveHook = (specifier, context, nextResolve) =>
  nextResolve(moduleUrls[specifier] ?? specifier, context);
