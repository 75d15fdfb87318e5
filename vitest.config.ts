import { defineConfig } from "vitest/config";

const conditions = ["@bullmq-workflows/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "examples/*/**/*.test.ts",
      "benchmarks/{src,test}/**/*.test.ts",
      "differential/test/**/*.test.ts",
    ],
    globalSetup: "packages/bullmq-workflows/test/support/global-setup.ts",
    // One more than cores: some tests wait for a minute to pass, or for a Redis to come back.
    maxWorkers: 3,
    testTimeout: 30_000,
  },
});
