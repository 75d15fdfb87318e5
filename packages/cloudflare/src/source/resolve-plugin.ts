/**
 * Where an import of a project leads: its own files are bundled, as wrangler does it; packages that Node
 * can load are left to Node, by the path of their file, so that it does not matter where the bundle lies.
 */
import { isBuiltin } from "node:module";
import { pathToFileURL } from "node:url";
import { MODULE_URLS } from "bullmq-workflows/cloudflare";
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";

const LIBRARY = /^bullmq-workflows($|\/)/;
const LOADABLE = /[\\/]node_modules[\\/].*\.(js|mjs|cjs|node)$/;

/** Marks the questions that this plugin asks itself. */
const ASKED = Symbol("asked by the resolve plugin");

export const resolvePlugin: Plugin = {
  name: "bullmq-workflows:resolve",
  setup(build) {
    build.onResolve({ filter: /^[^./\\]/ }, async (args) => await resolveImport(build, args));
  },
};

async function resolveImport(
  build: PluginBuild,
  args: OnResolveArgs,
): Promise<OnResolveResult | undefined> {
  const { path, kind, importer, resolveDir } = args;
  if (kind === "entry-point" || args.pluginData === ASKED) return undefined;
  const ours = MODULE_URLS[path] ?? (LIBRARY.test(path) ? import.meta.resolve(path) : undefined);
  if (ours !== undefined) return { path: ours, external: true };
  if (path.startsWith("cloudflare:")) return { errors: [{ text: absenceOf(path) }] };
  if (isBuiltin(path)) return { path, external: true };
  const resolved = await build.resolve(path, { kind, importer, resolveDir, pluginData: ASKED });
  if (resolved.errors.length > 0 || resolved.external || !LOADABLE.test(resolved.path)) {
    return { ...resolved, pluginData: undefined };
  }
  const target = kind.startsWith("require") ? resolved.path : pathToFileURL(resolved.path).href;
  return { path: target, external: true };
}

function absenceOf(path: string): string {
  return `"${path}" does not exist off Cloudflare. There are ${Object.keys(MODULE_URLS).join(", ")}`;
}
