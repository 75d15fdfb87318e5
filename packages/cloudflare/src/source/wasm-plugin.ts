/** `import module from "./x.wasm"` is a compiled `WebAssembly.Module` on Workers. */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

export const wasmPlugin: Plugin = {
  name: "bullmq-workflows:wasm",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
      const bytes = (await readFile(path)).toString("base64");
      return {
        contents: `export default new WebAssembly.Module(Buffer.from("${bytes}", "base64"));`,
        loader: "js",
      };
    });
  },
};
