/**
 * A plugin for Vitest: test files and what they import may use `cloudflare:workers` and its neighbours.
 *
 * @example
 * ```ts
 * // vitest.config.ts
 * import { cloudflareModules } from "bullmq-workflows/cloudflare/vitest";
 * import { defineConfig } from "vitest/config";
 *
 * export default defineConfig({ plugins: [cloudflareModules()] });
 * ```
 */
import { fileURLToPath } from "node:url";
import { LIBRARY_URL, LOADER_URL, MODULE_URLS } from "./module-urls.ts";

/** As much of Vite's `Plugin` as this one is. */
export interface CloudflareModulesPlugin {
  readonly name: string;
  readonly enforce: "pre";
  readonly config: () => { readonly test: { readonly setupFiles: string[] } };
  readonly resolveId: (specifier: string) => { id: string; external: true } | undefined;
}

/** All are left to Node, the library too: what Vitest loaded by itself would be a second copy. */
const URLS: Readonly<Record<string, string>> = { ...MODULE_URLS, "bullmq-workflows": LIBRARY_URL };

export function cloudflareModules(): CloudflareModulesPlugin {
  return {
    name: "bullmq-workflows:cloudflare-modules",
    enforce: "pre",
    // Packages are not seen by plugins but loaded by Node, in the process that runs the tests.
    config: () => ({ test: { setupFiles: [fileURLToPath(LOADER_URL)] } }),
    resolveId(specifier) {
      const id = URLS[specifier];
      return id === undefined ? undefined : { id, external: true };
    },
  };
}
