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
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
