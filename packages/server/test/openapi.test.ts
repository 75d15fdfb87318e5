/** The OpenAPI document: well-formed, complete, and served to anybody; and the page that shows it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { ERROR_ANSWERS } from "../src/error-table.ts";
import { METHODS, toDocument } from "../src/openapi/document.ts";
import { SchemaCollector } from "../src/openapi/json-schema.ts";
import { STYLE_HASH, toReferencePage } from "../src/openapi/reference-page.ts";
import { toTypeText } from "../src/openapi/type-text.ts";
import { ROUTES } from "../src/routes.ts";
import { VERSION } from "../src/version.ts";
import { contractOf } from "./support/contract.ts";
import { setStage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const DOCUMENT = toDocument(ROUTES, { basePath: "/client/v4", version: VERSION });

const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
  METHODS.flatMap((method) => {
    const operation = item[method];
    return operation ? [{ method, path, operation }] : [];
  }),
);

/** Rules of a description of the specification alone, and those that find what clients would stumble on. */
const RULES = {
  "no-unused-components": "off",
  "info-license": "off",
  "operation-4xx-response": "off",
  "no-server-example.com": "error",
  "operation-operationId": "error",
  "operation-operationId-unique": "error",
  "operation-operationId-url-safe": "error",
  "operation-summary": "error",
  "operation-description": "error",
  "operation-tag-defined": "error",
  "operation-parameters-unique": "error",
  "parameter-description": "error",
  "path-parameters-defined": "error",
  "path-declaration-must-exist": "error",
  "no-identical-paths": "error",
  "no-unresolved-refs": "error",
  "no-invalid-schema-examples": "error",
  "security-defined": "error",
  spec: "error",
  struct: "error",
} as const;

test("the document is OpenAPI 3.1 by a validator's judgement", async () => {
  const { spec: _, ...rules } = RULES;
  const config = await createConfig({ extends: ["minimal"], rules });

  const problems = await lintFromString({ source: JSON.stringify(DOCUMENT), config });

  expect(
    problems.map(({ ruleId, message, location }) => ({
      ruleId,
      message,
      at: location[0]?.pointer,
    })),
  ).toEqual([]);
  expect(DOCUMENT.openapi).toMatch(/^3\.1\./);
});

test("the validator finds what is wrong with a document", async () => {
  const config = await createConfig({ extends: ["minimal"], rules: { struct: "error" } });
  const broken = { ...DOCUMENT, paths: { "/a": { get: { responses: { 200: {} } } } } };

  expect(await lintFromString({ source: JSON.stringify(broken), config })).not.toEqual([]);
});

test("every route is in the document, once, with its path and method", () => {
  const documented = OPERATIONS.map(({ method, path, operation }) =>
    [method.toUpperCase(), path, operation.operationId].join(" "),
  );
  const routed = ROUTES.map(({ method, path, operation }) => {
    const account = operation.scope === "account" ? "/accounts/{account_id}" : "";
    return [method, `${account}${path}`, operation.id].join(" ");
  });

  expect(documented.toSorted()).toEqual([...new Set(routed)].toSorted());
});

describe.each(OPERATIONS)("$operation.operationId", ({ path, operation }) => {
  test("says in a line what it does", () => {
    expect(operation.summary).toMatch(/^[A-Z].{5,100}[^.]$/);
  });

  test("describes every parameter, and names those of its path", () => {
    const inTemplate = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const named = operation.parameters.filter((each) => each.in === "path");

    expect(named.map(({ name }) => name)).toEqual(inTemplate);
    const nameless = operation.parameters.filter(({ description = "" }) => description === "");
    expect(nameless.map(({ name }) => name)).toEqual([]);
  });

  test("has an answer that is a success, and of each error", () => {
    expect(operation.responses["200"]).toMatchObject({ content: expect.anything() });
    const isOpen = operation["x-role"] === "open";
    expect(operation.responses).toMatchObject(
      isOpen ? { 500: {} } : { 401: {}, 403: {}, 429: {}, 503: {} },
    );
  });
});

test("the page shows every operation and every schema, runs no script and loads nothing", () => {
  const page = toReferencePage(DOCUMENT);

  for (const { operation } of OPERATIONS) expect(page).toContain(`id="${operation.operationId}"`);
  for (const id of Object.keys(DOCUMENT.components.schemas)) {
    expect(page).toContain(`id="schema-${id}"`);
  }
  expect(page).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|style="|url\(/i);
  const [, style = ""] = /<style>([^]*)<\/style>/.exec(page) ?? [];
  expect(STYLE_HASH).toBe(`sha256-${digest(style)}`);
});

test("what descriptions have of HTML is shown as it is", () => {
  const evil = { ...DOCUMENT, info: { ...DOCUMENT.info, title: '<script>"x"</script>' } };

  expect(toReferencePage(evil)).not.toContain("<script>");
});

test("document and page are served at the root and under the base path, to anybody", async () => {
  const { server, url } = await setStage(redis);
  await server.tokens.create({ name: "any", role: "view" });

  for (const base of ["", "/client/v4"]) {
    const document = await fetch(`${url}${base}/openapi.json`);
    const page = await fetch(`${url}${base}/docs`);

    expect(document.status).toBe(200);
    expect(document.headers.get("content-type")).toBe("application/json");
    expect(await document.json()).toEqual(JSON.parse(JSON.stringify(DOCUMENT)));
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(page.headers.get("x-frame-options")).toBe("DENY");
  }
});

test("document and page are made once: anybody may ask for them, as often as he likes", async () => {
  const { server, url } = await setStage(redis);
  const ask = async () =>
    await Promise.all(
      ["openapi.json", "docs"].map(async (path) => await (await fetch(`${url}/${path}`)).text()),
    );
  const first = await ask();

  Object.assign(server.document().info, { title: "another" });

  expect(await ask()).toEqual(first);
});

test("the version that the document names is the package's", () => {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");

  expect(VERSION).toBe((JSON.parse(text) as { readonly version: string }).version);
});

test("docs/server.md has a row for every code of an error, and for every operation", () => {
  const page = readFileSync(new URL("../../../docs/server.md", import.meta.url), "utf8");
  const codes = Object.values(ERROR_ANSWERS).flatMap(({ codes }) => Object.keys(codes));

  for (const code of codes) expect(page).toContain(code);
  for (const { method, path } of OPERATIONS) {
    const short = path
      .replace("/accounts/{account_id}", "")
      .replaceAll(/\{\w*?(name|id|type)\}/g, "{$1}");
    expect(page).toContain(`${method.toUpperCase()} ${short}`);
  }
});

test("two schemas that differ cannot have the same id", () => {
  const collector = new SchemaCollector();
  collector.convert(z.string().meta({ id: "OpenApiTestOnce" }));

  expect(() => collector.convert(z.number().meta({ id: "OpenApiTestOnce" }))).toThrow(
    "OpenApiTestOnce",
  );
});

test("the check of answers finds fields, codes, statuses and types that are not described", () => {
  const contract = contractOf(DOCUMENT);
  const answer = {
    method: "DELETE",
    pathname: "/client/v4/accounts/default/workflows/w/instances/a",
    status: 200,
    mediaType: "application/json",
  };
  const envelope = { success: true, errors: [], messages: [], result: { success: true } };
  const failure = { success: false, messages: [], result: null };
  const violation = (changes: object, body: unknown) =>
    contract.violation({ ...answer, text: JSON.stringify(body), ...changes });

  expect(violation({}, envelope)).toBeUndefined();
  expect(violation({}, { ...envelope, extra: 1 })).toContain("must NOT have additional");
  expect(violation({}, { ...envelope, result: {} })).toContain("must have required property");
  expect(violation({ status: 201 }, envelope)).toContain("no status");
  expect(violation({ mediaType: "text/html" }, envelope)).toContain("has the type text/html");
  const missing = { ...failure, errors: [{ code: 10_400, message: "m" }] };
  expect(violation({ status: 404 }, missing)).toBeUndefined();
  const unknown = { ...failure, errors: [{ code: 1, message: "m" }] };
  expect(violation({ status: 404 }, unknown)).toContain("the code 1");
  expect(violation({ pathname: "/nothing" }, envelope)).toContain("no operation");
});

test.each([
  [{ type: "string" }, "string"],
  [{ type: ["string", "null"] }, "string | null"],
  [
    { type: "array", items: { anyOf: [{ type: "number" }, { type: "null" }] } },
    "readonly (number | null)[]",
  ],
  [{ enum: ["a", 1] }, '"a" | 1'],
  [{ const: null }, "null"],
  [{ $ref: "#/components/schemas/A" }, "A"],
  [{ allOf: [{ $ref: "#/A" }, { anyOf: [{ $ref: "#/B" }, { $ref: "#/C" }] }] }, "A & (B | C)"],
  [{ type: "object" }, "Readonly<Record<string, unknown>>"],
  [
    { type: "object", additionalProperties: { type: "integer" } },
    "Readonly<Record<string, number>>",
  ],
  [
    { type: "object", properties: { "a-b": {} }, required: ["a-b"] },
    '{\n  readonly "a-b": unknown;\n}',
  ],
  [{ not: {} }, "never"],
  [{}, "unknown"],
])("%o is %s in TypeScript", (schema, text) => {
  expect(toTypeText(schema)).toBe(text);
});

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
