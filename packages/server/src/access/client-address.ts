/**
 * Where a call comes from, also behind proxies.
 *
 * Anybody can send `X-Forwarded-For`. So nothing of it counts unless `trustProxy` says how many proxies, or
 * which, stand in front: each of them adds at the right end the address that it was called from.
 */
import { BlockList, isIP } from "node:net";

/** How many proxies are in front, or their addresses, such as `["10.0.0.0/8", "::1"]`. */
export type TrustProxy = number | readonly string[];

/** Finds the address of the client; `undefined` when the host does not say who opened the connection. */
export type FindClient = (
  remoteAddress: string | undefined,
  forwardedFor: string | null,
) => string | undefined;

/** @throws TypeError when it is neither a number nor addresses. */
export function findClientBy(trustProxy: TrustProxy | undefined): FindClient {
  if (trustProxy === undefined || trustProxy === 0) return (remoteAddress) => remoteAddress;
  const isTrusted = typeof trustProxy === "number" ? countTo(trustProxy) : isOneOf(trustProxy);
  return (remoteAddress, forwardedFor) => {
    if (remoteAddress === undefined) return undefined;
    let client = remoteAddress;
    const told = (forwardedFor ?? "").split(",").toReversed();
    for (const [hop, text] of told.entries()) {
      const address = toAddress(text);
      if (address === undefined || !isTrusted(client, hop)) break;
      client = address;
    }
    return client;
  };
}

type IsTrusted = (address: string, hop: number) => boolean;

function countTo(proxies: number): IsTrusted {
  if (!Number.isSafeInteger(proxies) || proxies < 0) throw wrong(proxies);
  return (_, hop) => hop < proxies;
}

function isOneOf(networks: readonly string[]): IsTrusted {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const family = familyOf(address);
    if (family === undefined) throw wrong(network);
    try {
      if (prefix === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(prefix), family);
    } catch (error) {
      throw wrong(network, error);
    }
  }
  return (address) => {
    const plain = unmap(address);
    const family = familyOf(plain);
    return family !== undefined && list.check(plain, family);
  };
}

function wrong(given: unknown, cause?: unknown): TypeError {
  const rule = "the number of proxies, or their addresses such as `10.0.0.0/8`";
  return new TypeError(`Expected \`trustProxy\` to be ${rule}, got \`${String(given)}\``, {
    cause,
  });
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? "ipv4" : "ipv6";
}

/** Some proxies add a port. */
function toAddress(text: string): string | undefined {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(text.trim()) ?? [];
  const [, withPort] = /^([\d.]+):\d+$/.exec(text.trim()) ?? [];
  const address = bracketed ?? withPort ?? text.trim();
  return isIP(address) === 0 ? undefined : address;
}

/** An IPv4 address that is written as an IPv6 one, as itself. */
function unmap(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** What one client can be assumed to have: an IPv4 address, or the 64 bits that IPv6 gives to a network. */
export function toNetwork(address: string): string {
  const plain = unmap(address);
  if (isIP(plain) !== 6) return plain;
  const [head = "", tail] = (plain.split("%")[0] ?? "").toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Math.max(0, 8 - groups.length - rest.length);
  const all = [...groups, ...Array.from({ length: zeros }, () => "0"), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
