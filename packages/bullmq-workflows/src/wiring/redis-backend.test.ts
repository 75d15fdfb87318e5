import { expect, test } from "vitest";
import { WorkflowEngine } from "./workflow-engine.ts";

const OTHER_CLIENT = { defineCommand: (): void => {} };

test.each([
  [OTHER_CLIENT, "a client of another copy of ioredis"],
  ["localhost:6379", "localhost:6379"],
  ["redis:/ada:secret@localhost", "redis:/ada:…@localhost"],
  [{ host: "localhost", password: "secret" }, "an object with host, password"],
  [{}, "an object with nothing"],
  [undefined, "undefined"],
])("a connection that cannot be used is refused, and named: %j", (connection, named) => {
  const create = (): unknown => new WorkflowEngine({ connection: connection as string });

  expect(create).toThrow(
    `Expected \`connection\` to be a redis:// URL, or a client of the ioredis`,
  );
  expect(create).toThrow(`got \`${named}\``);
});
