import { expect, test } from "vitest";
import {
  AddressRefusedError,
  guardedLookup,
  whyAddressRefused,
  whyUrlRefused,
} from "./address-guard.ts";

const CLOSED = { allowLoopback: false, allowPrivateNetworks: false };
const OPEN = { allowLoopback: true, allowPrivateNetworks: true };

test.each([
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "127.0.0.1",
  "127.9.9.9",
  "169.254.169.254",
  "172.31.255.255",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:10.0.0.1",
  "::ffff:7f00:1",
  "::ffff:0:7f00:1",
  "64:ff9b::a00:1",
  "2002:a00:1::",
  "fe80::1",
  "fc00::1",
  "ff02::1",
])("%s is not of the public internet", (address) => {
  expect(whyAddressRefused(address, CLOSED)).toMatch(/^it leads to /);
  expect(whyAddressRefused(address, OPEN)).toBeUndefined();
});

test.each(["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])(
  "%s is",
  (address) => {
    expect(whyAddressRefused(address, CLOSED)).toBeUndefined();
  },
);

test("a program on this machine may be allowed without other networks, and by http alone there", () => {
  const rules = { allowLoopback: true, allowPrivateNetworks: false };

  expect(whyUrlRefused("http://127.0.0.1:8080/a", rules)).toBeUndefined();
  expect(whyUrlRefused("http://localhost/a", rules)).toBeUndefined();
  expect(whyUrlRefused("http://example.com/a", rules)).toBe("it is not https");
  expect(whyUrlRefused("https://10.0.0.1/", rules)).toBe("it leads to a private network");
});

/** What a connection that looks up `localhost` is told. */
async function lookUp(rules: typeof CLOSED, all: boolean) {
  return await new Promise<readonly unknown[]>((resolve) => {
    guardedLookup(rules)("localhost", { all }, (...found) => resolve(found));
  });
}

test("a lookup finds nothing where a connection may not go, and what there is elsewhere", async () => {
  for (const all of [true, false]) {
    const [error, addresses] = await lookUp(CLOSED, all);
    expect(error).toBeInstanceOf(AddressRefusedError);
    expect(addresses).toEqual([]);
  }
  const local = expect.stringMatching(/^(127\.0\.0\.1|::1)$/);
  const [, addresses] = await lookUp(OPEN, true);
  expect(addresses).toEqual(
    expect.arrayContaining([{ address: local, family: expect.any(Number) }]),
  );
  expect(await lookUp(OPEN, false)).toEqual([null, local, expect.any(Number)]);
});
