/** That no method which Cloudflare's SDK has for workflows is without a test in sdk-*.test.ts. */
import { readdirSync, readFileSync } from "node:fs";
import Cloudflare from "cloudflare";
import { expect, test } from "vitest";

const FOLDER = new URL("./", import.meta.url);

/** `workflows.instances.status.edit` and the like: every method of a resource, and of those in it. */
function methodsOf(resource: object, path: string): string[] {
  const inner = Object.entries(resource).filter(([name, value]) => isResource(name, value));
  return [
    ...ownMethods(resource).map((method) => `${path}.${method}`),
    ...inner.flatMap(([name, value]) => methodsOf(value as object, `${path}.${name}`)),
  ];
}

/** A resource refers to its client, which has all the others. */
function isResource(name: string, value: unknown): boolean {
  return !name.startsWith("_") && typeof value === "object" && value !== null;
}

function ownMethods(resource: object): string[] {
  const names: string[] = [];
  for (
    let prototype: object = Object.getPrototypeOf(resource);
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    names.push(...Object.getOwnPropertyNames(prototype));
  }
  return [...new Set(names)].filter((name) => name !== "constructor");
}

function readTests(): string {
  const files = readdirSync(FOLDER).filter((file) => /^sdk-(?!coverage).*\.test\.ts$/.test(file));
  return files.map((file) => readFileSync(new URL(file, FOLDER), "utf8")).join("\n");
}

const methods = methodsOf(new Cloudflare({ apiToken: "any" }).workflows, "workflows");

test("the SDK's methods are found", () => {
  expect(methods).toEqual(
    expect.arrayContaining(["workflows.list", "workflows.instances.status.edit"]),
  );
  expect(methods.length).toBeGreaterThanOrEqual(14);
});

test.each(methods)("%s is called by a test", (method) => {
  const call = method.split(".").slice(-2).join(".");

  expect(readTests()).toContain(`${call}(`);
});
