import { describe, expect, test } from "vitest";
import {
  isAddressableInstanceId,
  isReservedInstanceId,
  isValidEventType,
  isValidInstanceId,
  isValidStepName,
  isValidWorkflowName,
} from "./names.ts";

describe.each([
  { what: "an instance id", isValid: isValidInstanceId, limit: 100 },
  { what: "a workflow's name", isValid: isValidWorkflowName, limit: 64 },
  { what: "an event's type", isValid: isValidEventType, limit: 100 },
])("$what", ({ isValid, limit }) => {
  test.each(["a", "_", "0", "order-1042", "Order_1-", "a".repeat(limit)])("may be %s", (name) => {
    expect(isValid(name)).toBe(true);
  });

  test.each([
    "",
    "-a",
    "a.b",
    "a b",
    "é",
    "a\n",
    "a/b",
    "a:b",
    "a".repeat(limit + 1),
    null,
    5,
    undefined,
    ["a"],
  ])("may not be %j", (name) => {
    expect(isValid(name)).toBe(false);
  });
});

describe("a reserved instance id", () => {
  const systemId = `cf_${"0f".repeat(32)}`;

  test.each(["batch", "terminate", "terminateAll", systemId])("is %s", (id) => {
    expect(isReservedInstanceId(id)).toBe(true);
  });

  test.each([
    "Batch",
    "terminateall",
    "constructor",
    "cf_0f",
    systemId.toUpperCase(),
    `${systemId}0`,
  ])("is not %s", (id) => {
    expect(isReservedInstanceId(id)).toBe(false);
  });
});

describe("an addressable instance id", () => {
  test.each(["a", "-a", "*/30 * * * *-1786001400000", "0,5 1 * * 1#2-5", "a".repeat(271)])(
    "may be %s",
    (id) => {
      expect(isAddressableInstanceId(id)).toBe(true);
    },
  );

  test.each(["", "a.b", "a\n", "a?b", "a".repeat(272), 5, null])("may not be %j", (id) => {
    expect(isAddressableInstanceId(id)).toBe(false);
  });
});

describe("a step's name", () => {
  test.each(["", "charge the card", "日本 🎉", "\u007f", "a".repeat(256)])("may be %j", (name) => {
    expect(isValidStepName(name)).toBe(true);
  });

  test.each(["a\tb", "a\n", "\u0000", "\u001f", "a".repeat(257), undefined, 5])(
    "may not be %j",
    (name) => {
      expect(isValidStepName(name)).toBe(false);
    },
  );
});
