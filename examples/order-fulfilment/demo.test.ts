import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test(
  "every order is fulfilled or refused once, although a worker is killed",
  { timeout: 120_000 },
  async () => {
    const demo = spawn("npm", ["run", "--silent", "start"], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env: { ...process.env, ORDERS: "20", CRASHES: "1", SEED: "7" },
      stdio: ["ignore", "pipe", "inherit"],
    });

    const [output, [exitCode]] = await Promise.all([text(demo.stdout), once(demo, "exit")]);

    expect(output).toContain("refused: card declined");
    expect(output.trimEnd().split("\n").at(-1)).toBe(
      "20/20 orders complete · 1 worker crashes survived · 0 lost · 0 charged twice",
    );
    expect(exitCode).toBe(0);
  },
);
