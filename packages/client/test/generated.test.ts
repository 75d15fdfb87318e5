import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toDocument } from "../../server/src/openapi/document.ts";
import { ROUTES } from "../../server/src/routes.ts";
import { VERSION } from "../../server/src/version.ts";
import { toSource } from "../scripts/to-source.ts";

const SOURCES = new URL("../src/", import.meta.url);

test("the types are those of the server's document: `npm run generate -w packages/client` writes them", () => {
  const document = toDocument(ROUTES, { basePath: "/client/v4", version: VERSION });

  expect(readFileSync(new URL("api.generated.ts", SOURCES), "utf8")).toBe(toSource(document));
});

test("the client imports nothing but itself, so that it runs in browsers", () => {
  const names = readdirSync(SOURCES).filter((file) => !file.endsWith(".test.ts"));
  const files = names.map((file) => readFileSync(new URL(file, SOURCES), "utf8"));
  const imported = files.flatMap((text) =>
    [...text.matchAll(/\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/g)].map(([, name]) => name),
  );

  expect(imported.filter((name) => !name?.startsWith("./"))).toEqual([]);
  expect(files.join("\n")).not.toMatch(/\b(process|Buffer|setImmediate|require)\b[.(]/);
});
