/**
 * Where an import of a project leads: its own files are bundled, as wrangler does it; packages that Node
 * can load are left to Node, by the path of their file, so that it does not matter where the bundle lies.
 */
import { isBuiltin } from "node:module";
import { pathToFileURL } from "node:url";
import { MODULE_URLS } from "bullmq-workflows/cloudflare";
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import { packageOf } from "./unloadable-packages.ts";

const LIBRARY = /^bullmq-workflows($|\/)/;
const LOADABLE = /[\\/]node_modules[\\/].*\.(js|mjs|cjs|node)$/;

/** Marks the questions that this plugin asks itself. */
const ASKED = Symbol("asked by the resolve plugin");

/** @param bundled names of packages that are bundled although Node might load them. */
export function createResolvePlugin(bundled: ReadonlySet<string>): Plugin {
  return {
    name: "bullmq-workflows:resolve",
    setup(build) {
      build.onResolve({ filter: /^[^./\\]/ }, async (args) => {
        return await resolveImport(build, args, bundled);
      });
    },
  };
}

async function resolveImport(
  build: PluginBuild,
  args: OnResolveArgs,
  bundled: ReadonlySet<string>,
): Promise<OnResolveResult | undefined> {
  const { path, kind, importer, resolveDir } = args;
  if (kind === "entry-point" || args.pluginData === ASKED) return undefined;
  const ours = MODULE_URLS[path] ?? (LIBRARY.test(path) ? import.meta.resolve(path) : undefined);
  if (ours !== undefined) return { path: ours, external: true };
  if (path.startsWith("cloudflare:")) return { errors: [{ text: absenceOf(path) }] };
  if (isBuiltin(path)) return { path, external: true };
  const resolved = await build.resolve(path, { kind, importer, resolveDir, pluginData: ASKED });
  const isLeftToNode =
    LOADABLE.test(resolved.path) && !bundled.has(packageOf(resolved.path) ?? resolved.path);
  if (resolved.errors.length > 0 || resolved.external || !isLeftToNode) {
    return { ...resolved, pluginData: undefined };
  }
  const target = kind.startsWith("require") ? resolved.path : pathToFileURL(resolved.path).href;
  return { path: target, external: true };
}

function absenceOf(path: string): string {
  return `"${path}" does not exist off Cloudflare. There are ${Object.keys(MODULE_URLS).join(", ")}`;
}
