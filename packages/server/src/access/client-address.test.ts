import { describe, expect, test } from "vitest";
import { findClientBy, toNetwork } from "./client-address.ts";
import type { TrustProxy } from "./client-address.ts";

describe("the client's address", () => {
  test.each<[TrustProxy | undefined, string, string | null, string]>([
    // Nobody is trusted.
    [undefined, "10.0.0.1", "1.1.1.1", "10.0.0.1"],
    [0, "10.0.0.1", "1.1.1.1", "10.0.0.1"],
    [[], "10.0.0.1", "1.1.1.1", "10.0.0.1"],
    // So many proxies: what is further to the left anybody can have sent.
    [1, "10.0.0.1", "1.1.1.1", "1.1.1.1"],
    [1, "10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"],
    [2, "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"],
    [2, "10.0.0.1", "1.1.1.1", "1.1.1.1"],
    [1, "10.0.0.1", null, "10.0.0.1"],
    [1, "10.0.0.1", "", "10.0.0.1"],
    [1, "10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"],
    [1, "10.0.0.1", "1.1.1.1:8080", "1.1.1.1"],
    [1, "10.0.0.1", "[2001:db8::1]:8080", "2001:db8::1"],
    [1, "10.0.0.1", "2001:db8::1", "2001:db8::1"],
    // Those proxies.
    [["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"],
    [["10.0.0.0/8"], "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    [["10.0.0.0/8"], "::ffff:10.0.0.1", "1.1.1.1", "1.1.1.1"],
    [["10.0.0.0/8"], "9.9.9.9", "1.1.1.1", "9.9.9.9"],
    [["::1"], "::1", "1.1.1.1", "1.1.1.1"],
    [["2001:db8::/32"], "2001:db8:1::5", "1.1.1.1", "1.1.1.1"],
  ])("with `trustProxy` %o, a call by %s for %s is of %s", (trust, remote, forwarded, client) => {
    expect(findClientBy(trust)(remote, forwarded)).toBe(client);
  });

  test("is not known when nobody knows who opened the connection", () => {
    expect(findClientBy(1)(undefined, "1.1.1.1")).toBeUndefined();
  });

  test.each([[-1], [1.5], [["proxy.example"]], [["10.0.0.0/99"]], [["10.0.0.0/x"]]])(
    "`trustProxy` cannot be %o",
    (given) => {
      expect(() => findClientBy(given)).toThrow("`trustProxy`");
    },
  );
});

test.each([
  ["1.2.3.4", "1.2.3.4"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["2001:db8:0:1::5", "2001:db8:0:1::/64"],
  ["2001:DB8::1:0:0:5", "2001:db8:0:0::/64"],
  ["2001:0db8:0000:0001:1:2:3:4", "2001:db8:0:1::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("%s is counted as %s", (address, network) => {
  expect(toNetwork(address)).toBe(network);
});
