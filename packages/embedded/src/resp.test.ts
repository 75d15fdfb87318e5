import { expect, test } from "vitest";
import { encodeCommand, parseReply, readInfoField, ReplyError } from "./resp.ts";

test("a command is encoded by the bytes of its arguments", () => {
  expect(encodeCommand(["SET", "ü", ""]).toString()).toBe(
    "*3\r\n$3\r\nSET\r\n$2\r\nü\r\n$0\r\n\r\n",
  );
});

test.each([
  ["+OK\r\n", "OK"],
  [":-7\r\n", -7],
  ["$3\r\na\r\n\r\n", "a\r\n"],
  ["$-1\r\n", null],
  ["*-1\r\n", null],
  ["*3\r\n$1\r\na\r\n:1\r\n*0\r\n", ["a", 1, []]],
])("the reply %j is read, and never before all of it is there", (text, expected) => {
  const bytes = Buffer.from(text);

  expect(parseReply(bytes)).toEqual({ reply: expected, end: bytes.length });
  for (let length = 0; length < bytes.length; length++) {
    expect(parseReply(bytes.subarray(0, length))).toBeUndefined();
  }
});

test("an error is a reply like others, and so is what is not Redis at all", () => {
  expect(parseReply(Buffer.from("-ERR no\r\n"))?.reply).toEqual(new ReplyError("ERR no"));
  expect(parseReply(Buffer.from("HTTP/1.1 200 OK\r\n"))?.reply).toBeInstanceOf(ReplyError);
});

test("a field is found in INFO by its whole name", () => {
  const info = "# Server\r\nredis_version:7.2.4\r\nversion:1\r\n";

  expect(readInfoField(info, "version")).toBe("1");
  expect(readInfoField(info, "missing")).toBeUndefined();
  expect(readInfoField(null, "version")).toBeUndefined();
});
