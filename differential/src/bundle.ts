/** Makes one file of the program for each side. */
import { fileURLToPath } from "node:url";
import { build as bundleWith } from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";

const OUR_FOLDER = "../../packages/bullmq-workflows/src/cloudflare";

/** This engine's modules in the place of Cloudflare's. */
const OUR_MODULES: Plugin = {
  name: "our-modules",
  setup(build) {
    build.onResolve({ filter: /^cloudflare:/ }, ({ path }) => ({
      path: pathTo(`${OUR_FOLDER}/${path.slice("cloudflare:".length)}.ts`),
    }));
  },
};

/** The text of the program for Cloudflare's runtime. */
export async function bundleForCloudflare(): Promise<string> {
  return await bundle({ external: ["cloudflare:*"], platform: "neutral" });
}

/** The text of the program for Node and this engine. */
export async function bundleForUs(): Promise<string> {
  return await bundle({ plugins: [OUR_MODULES], platform: "node" });
}

async function bundle(options: BuildOptions): Promise<string> {
  const { outputFiles } = await bundleWith({
    ...options,
    entryPoints: [pathTo("program.ts")],
    bundle: true,
    format: "esm",
    target: "es2022",
    // Names of classes and functions are part of what is compared.
    keepNames: false,
    write: false,
    logLevel: "warning",
  });
  return outputFiles?.[0]?.text ?? "";
}

function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
