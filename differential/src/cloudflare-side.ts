/** Cloudflare's local runtime: Miniflare with workerd, from npm. */
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { bundleForCloudflare } from "./bundle.ts";
import type { Side } from "./side.ts";

/** From when on errors keep their messages and ids are what they are now. */
const COMPATIBILITY_DATE = "2026-11-01";

export async function startCloudflare(): Promise<Side> {
  const className = "ScenarioWorkflow";
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: await bundleForCloudflare(),
      compatibilityDate: COMPATIBILITY_DATE,
      workflows: {
        WORKFLOW: { name: "scenario", className },
        LIMITED: { name: "limited", className, stepLimit: 3 },
      },
    }),
  );
  await miniflare.ready;
  return {
    name: "cloudflare",
    async run(scenario) {
      const response = await miniflare.dispatchFetch(
        `http://localhost/${encodeURIComponent(scenario)}`,
      );
      const text = await response.text();
      if (response.status !== 200) throw new Error(text);
      return JSON.parse(text) as unknown;
    },
    close: async () => await miniflare.dispose(),
  };
}
