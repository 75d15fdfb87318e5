import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export default {
  // They talk to Redis and are not to be bundled.
  serverExternalPackages: ["bullmq-workflows", "@bullmq-workflows/server"],
  // Only here, where they are found in the repository's own node_modules.
  turbopack: { root },
  outputFileTracingRoot: root,
};
