/** Loads a TypeScript or JavaScript file of a project as wrangler would: bundled, by esbuild. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, formatMessages } from "esbuild";
import type { BuildOptions, Message } from "esbuild";
import { ProjectError, messageOf } from "../errors.ts";
import { resolvePlugin } from "./resolve-plugin.ts";
import { wasmPlugin } from "./wasm-plugin.ts";

export interface LoadOptions {
  /** The project's folder. */
  readonly directory: string;
  readonly define?: Readonly<Record<string, string>>;
  readonly alias?: Readonly<Record<string, string>>;
  readonly tsconfig?: string | undefined;
}

export type LoadedModule = Readonly<Record<string, unknown>>;

/** @throws {@link ProjectError} `project.build_failed`, or `project.load_failed` when running it throws. */
export async function loadModule(file: string, options: LoadOptions): Promise<LoadedModule> {
  const folder = await mkdtemp(join(tmpdir(), "bullmq-workflows-"));
  try {
    const bundle = join(folder, "bundle.mjs");
    await bundleInto(bundle, file, options);
    return await importBundle(bundle, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundleInto(outfile: string, file: string, options: LoadOptions): Promise<void> {
  try {
    await build({ ...toBuildOptions(file, options), outfile });
  } catch (error) {
    const text = await describe(error);
    throw new ProjectError("project.build_failed", `${file} cannot be built:\n${text}`, {
      cause: error,
    });
  }
}

function toBuildOptions(file: string, options: LoadOptions): BuildOptions {
  return {
    entryPoints: [file],
    absWorkingDir: options.directory,
    bundle: true,
    format: "esm",
    platform: "node",
    target: `node${process.versions.node}`,
    // Without bundlers' own condition: what is resolved is loaded by Node.
    conditions: [],
    keepNames: true,
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "silent",
    loader: { ".txt": "text", ".html": "text", ".sql": "text", ".bin": "binary" },
    define: { "import.meta.url": JSON.stringify(pathToFileURL(file).href), ...options.define },
    alias: { ...options.alias },
    ...(options.tsconfig !== undefined && { tsconfig: options.tsconfig }),
    banner: { js: toRequireBanner(file) },
    plugins: [resolvePlugin, wasmPlugin],
  };
}

/** For files and packages that are CommonJS: modules have no `require` of their own. */
function toRequireBanner(file: string): string {
  const url = JSON.stringify(pathToFileURL(file).href);
  return `import { createRequire as __bw_createRequire } from "node:module";\nvar require = __bw_createRequire(${url});`;
}

async function importBundle(bundle: string, file: string): Promise<LoadedModule> {
  try {
    return (await import(pathToFileURL(bundle).href)) as LoadedModule;
  } catch (error) {
    const text = `${file} cannot be loaded: ${messageOf(error)}`;
    throw new ProjectError("project.load_failed", text, { cause: error });
  }
}

async function describe(error: unknown): Promise<string> {
  const { errors } = error as { readonly errors?: Message[] };
  if (!errors) return messageOf(error);
  return (await formatMessages(errors, { kind: "error" })).join("").trimEnd();
}
