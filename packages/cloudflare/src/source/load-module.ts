/** Loads a TypeScript or JavaScript file of a project as wrangler would: bundled, by esbuild. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, formatMessages } from "esbuild";
import type { BuildOptions, BuildResult, Message } from "esbuild";
import { ProjectError, messageOf } from "../errors.ts";
import { createResolvePlugin } from "./resolve-plugin.ts";
import { findUnloadablePackages } from "./unloadable-packages.ts";
import { wasmPlugin } from "./wasm-plugin.ts";

export interface LoadOptions {
  /** The project's folder. */
  readonly directory: string;
  readonly define?: Readonly<Record<string, string>>;
  readonly alias?: Readonly<Record<string, string>>;
  readonly tsconfig?: string | undefined;
  /** Told which files a bundle is made of, absolute, before it runs. @defaultValue silence */
  readonly onBundled?: ((files: readonly string[]) => void) | undefined;
}

export type LoadedModule = Readonly<Record<string, unknown>>;

/**
 * What a file exports, once it has run.
 *
 * @throws {@link ProjectError} `project.build_failed`, or `project.load_failed` when running it throws.
 */
export async function loadModule(file: string, options: LoadOptions): Promise<LoadedModule> {
  const folder = await mkdtemp(join(tmpdir(), "bullmq-workflows-"));
  try {
    return await loadFrom(folder, file, options);
  } catch (error) {
    if (error instanceof ProjectError) throw error;
    const text = `${file} cannot be loaded: ${messageOf(error)}`;
    throw new ProjectError("project.load_failed", text, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Again, with a package bundled, when Node finds that it cannot load that one. */
async function loadFrom(folder: string, file: string, options: LoadOptions): Promise<LoadedModule> {
  const bundled = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    // Node keeps what it has loaded, by its path.
    const bundle = join(folder, `${attempt}.mjs`);
    await bundleInto(bundle, file, { ...options, bundled });
    try {
      return (await import(pathToFileURL(bundle).href)) as LoadedModule;
    } catch (error) {
      const found = findUnloadablePackages(error).filter((name) => !bundled.has(name));
      if (found.length === 0) throw error;
      for (const name of found) bundled.add(name);
    }
  }
}

interface BundleOptions extends LoadOptions {
  readonly bundled: ReadonlySet<string>;
}

async function bundleInto(outfile: string, file: string, options: BundleOptions): Promise<void> {
  try {
    const result = await build({ ...toBuildOptions(file, options), outfile });
    options.onBundled?.(filesOf(result, options.directory));
  } catch (error) {
    const text = await describe(error);
    throw new ProjectError("project.build_failed", `${file} cannot be built:\n${text}`, {
      cause: error,
    });
  }
}

function filesOf({ metafile }: BuildResult, directory: string): string[] {
  return Object.keys(metafile?.inputs ?? {}).map((path) => resolve(directory, path));
}

function toBuildOptions(file: string, options: BundleOptions): BuildOptions {
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
    metafile: true,
    logLevel: "silent",
    loader: { ".txt": "text", ".html": "text", ".sql": "text", ".bin": "binary" },
    define: { "import.meta.url": JSON.stringify(pathToFileURL(file).href), ...options.define },
    alias: { ...options.alias },
    ...(options.tsconfig !== undefined && { tsconfig: options.tsconfig }),
    banner: { js: toRequireBanner(file) },
    plugins: [createResolvePlugin(options.bundled), wasmPlugin],
  };
}

/** For files and packages that are CommonJS: modules have no `require` of their own. */
function toRequireBanner(file: string): string {
  const url = JSON.stringify(pathToFileURL(file).href);
  return `import { createRequire as __bw_createRequire } from "node:module";\nvar require = __bw_createRequire(${url});`;
}

async function describe(error: unknown): Promise<string> {
  const { errors } = error as { readonly errors?: Message[] };
  if (!errors) return messageOf(error);
  return (await formatMessages(errors, { kind: "error" })).join("").trimEnd();
}
