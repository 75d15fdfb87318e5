import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const FIXTURE = fileURLToPath(new URL("fixtures/vitest/", import.meta.url));
const VITEST = join(
  dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
  "vitest.mjs",
);

test("in a Vitest with the plugin, tests and packages find the modules", async () => {
  const { VITEST: _isNested, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [VITEST, "run", "--reporter=json", "--config", "vitest.config.ts", "--configLoader", "native"],
    {
      cwd: FIXTURE,
      env: { ...env, NODE_OPTIONS: "--conditions=@bullmq-workflows/source --import tsx" },
    },
  );

  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 3 });
});
