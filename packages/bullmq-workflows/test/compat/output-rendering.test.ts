import { expect, test } from "vitest";
import { describeOnBoth, startBody } from "../support/harness.ts";

/** What `run` returns, and what a status shows of it. */
const RENDERED: readonly (readonly [string, unknown, unknown])[] = [
  ["a text", "text", "text"],
  ["undefined", undefined, null],
  ["null", null, null],
  ["NaN", Number.NaN, null],
  ["nested values", { a: [1, { b: null }], gone: undefined }, { a: [1, { b: null }] }],
  ["undefined in a list", [undefined], [null]],
  ["a Date", new Date(86_400_000), "1970-01-02T00:00:00.000Z"],
  ["a Map", new Map([["a", 1]]), {}],
  ["a Set", new Set([1]), {}],
  ["a RegExp", /a+/, {}],
  ["a BigInt", 5n, "[BigInt(5)]"],
  ["an ArrayBuffer", new Uint8Array(3).buffer, "[ArrayBuffer(3 bytes)]"],
  ["a typed array", new Uint8Array(3), "[Uint8Array(3 bytes)]"],
  ["a wider typed array", new Float64Array(2), "[Float64Array(16 bytes)]"],
  ["an Error", Object.assign(new Error("no"), { code: "E" }), { code: "E" }],
];

describeOnBoth(({ run }) => {
  test.each(RENDERED)(
    "with errors: cloudflare, status() shows the JSON rendering of %s",
    async (_, value, rendered) => {
      const { output } = await run(async () => value, { errors: "cloudflare" });

      expect(output).toStrictEqual(rendered);
    },
  );
});

test("with errors: cloudflare, result() has the output as it was returned", async () => {
  const { end, instance } = await startBody(async () => new Map([["a", 1n]]), {
    errors: "cloudflare",
  });
  await end(instance);

  expect(await instance.result()).toStrictEqual(new Map([["a", 1n]]));
});

test("with errors: native, status() has the output as it was returned", async () => {
  const { end, instance } = await startBody(async () => new Map([["a", 1n]]));

  expect((await end(instance)).output).toStrictEqual(new Map([["a", 1n]]));
});
