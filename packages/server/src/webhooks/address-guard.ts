/**
 * Which addresses a webhook may be sent to.
 *
 * Whoever may create a webhook makes this server call an address of his choice, from inside of whatever
 * network it is in. So nothing but the public internet is called unless the host says otherwise. A name is
 * judged by the addresses that it leads to, at the moment of the call and by the very lookup that the
 * connection is made with: what it led to before says nothing.
 */
import { lookup as lookUp } from "node:dns";
import type { LookupAddress, LookupOptions } from "node:dns";
import { BlockList, isIP } from "node:net";

export interface AddressRules {
  /** Programs on the server's own machine may be called, by http too. */
  readonly allowLoopback: boolean;
  /** So may those in networks that are not the public internet. */
  readonly allowPrivateNetworks: boolean;
}

/** A call that is not made. */
export class AddressRefusedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "AddressRefusedError";
  }
}

const LOOPBACK = blockList([
  ["127.0.0.0", 8],
  ["::1", 128],
]);

/** Networks that are not the public internet, or that lead into one that is not. */
const PRIVATE = blockList([
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // With IPv4 addresses written into them.
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
]);

const LOOPBACK_NAME = /^(?:localhost|.+\.localhost)$/i;

/** Why a URL can be no webhook's, as far as it tells by itself; `undefined` when it may be one. */
export function whyUrlRefused(text: string, rules: AddressRules): string | undefined {
  if (text.length > 2_000 || !URL.canParse(text)) return "it is no URL of at most 2,000 characters";
  const { protocol, username, password, hash, hostname } = new URL(text);
  const host = bareHost(hostname);
  if (username !== "" || password !== "") return "it has a user name or a password in it";
  if (hash !== "") return "it has a fragment";
  const isLoopback = LOOPBACK_NAME.test(host) || (isIP(host) > 0 && isIn(LOOPBACK, host));
  if (isLoopback && !rules.allowLoopback) return "it leads to the server's own machine";
  if (protocol === "http:" && !isLoopback) return "it is not https";
  if (protocol !== "https:" && protocol !== "http:") return "it is not https";
  return isIP(host) > 0 ? whyAddressRefused(host, rules) : undefined;
}

/** The same for an address that is about to be called. */
export function whyAddressRefused(address: string, rules: AddressRules): string | undefined {
  if (isIn(LOOPBACK, address)) {
    return rules.allowLoopback ? undefined : "it leads to the server's own machine";
  }
  if (isIn(PRIVATE, address) && !rules.allowPrivateNetworks) return "it leads to a private network";
  return undefined;
}

type Found = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** A lookup for a connection that finds nothing where it may not go. */
export function guardedLookup(rules: AddressRules) {
  return (hostname: string, options: LookupOptions, found: Found): void => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error, []);
      const reason = addresses
        .map(({ address }) => whyAddressRefused(address, rules))
        .find((refusal) => refusal !== undefined);
      const [first] = addresses;
      if (reason !== undefined || !first) {
        return found(new AddressRefusedError(reason ?? "it leads nowhere"), []);
      }
      if (options.all) found(null, addresses);
      else found(null, first.address, first.family);
    });
  };
}

/** Without the brackets of an IPv6 address. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function isIn(list: BlockList, address: string): boolean {
  // What has an IPv4 address in it is judged by that as well.
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function blockList(networks: readonly (readonly [address: string, bits: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of networks) {
    list.addSubnet(address, bits, isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
