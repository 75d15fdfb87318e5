import { defineConfig } from "vitest/config";

const conditions = ["@bullmq-workflows/source"];

const SUPPORT = "packages/bullmq-workflows/test/support";
const REDIS = `${SUPPORT}/global-setup.ts`;

/** Whose programs are started as users start them: they run after a build. */
const BUILT = [
  "packages/{cli,create-bullmq-workflows}/test/**/*.test.ts",
  "examples/deployment/**/*.test.ts",
];

/**
 * Which touch nothing that belongs to a process: they share processes, and so load the library once rather than
 * once for every file, which takes longer than most of the tests.
 */
const TOGETHER = [
  "packages/bullmq-workflows/src/**/*.test.ts",
  "packages/bullmq-workflows/test/{compat,conformance,docs,engine,schedules,validation}/**/*.test.ts",
  "packages/{server,client}/{src,test}/**/!(*crash*).test.ts",
];

const ALONE = [
  "packages/*/{src,test}/**/*.test.ts",
  "examples/*/**/*.test.ts",
  "benchmarks/{src,test}/**/*.test.ts",
  "differential/test/**/*.test.ts",
];

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
          name: "alone",
          include: ALONE,
          exclude: ["**/node_modules/**", ...BUILT, ...TOGETHER],
          globalSetup: REDIS,
        },
      },
      {
        extends: true,
        test: { name: "together", include: TOGETHER, isolate: false, globalSetup: REDIS },
      },
      {
        extends: true,
        test: { name: "built", include: BUILT, globalSetup: [REDIS, `${SUPPORT}/build.ts`] },
      },
    ],
  },
});
