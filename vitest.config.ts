import { defineConfig } from "vitest/config";

const conditions = ["@bullmq-workflows/source"];

/** Whose programs are started as users start them: they run after a build. */
const BUILT = [
  "packages/{cli,create-bullmq-workflows}/test/**/*.test.ts",
  "examples/deployment/**/*.test.ts",
];

const SUPPORT = "packages/bullmq-workflows/test/support";
const REDIS = `${SUPPORT}/global-setup.ts`;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    maxWorkers: 2,
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "sources",
          include: [
            "packages/*/{src,test}/**/*.test.ts",
            "examples/*/**/*.test.ts",
            "benchmarks/{src,test}/**/*.test.ts",
            "differential/test/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", ...BUILT],
          globalSetup: REDIS,
        },
      },
      {
        extends: true,
        test: { name: "built", include: BUILT, globalSetup: [REDIS, `${SUPPORT}/build.ts`] },
      },
    ],
  },
});
