/**
 * Whether a call comes from this machine, and from a program on it rather than from a web page.
 *
 * Asked only while no tokens are configured. A page anywhere can make its visitor's browser call an address
 * on the visitor's machine, also under a name of its own that it lets point there; and a proxy on this
 * machine passes on calls from elsewhere. None of those is let in.
 */

const LOOPBACK_ADDRESS = /^(?:::1|(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;

const LOOPBACK_NAME = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i;

/** What a proxy adds. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** Why the call is not taken for a local one; `undefined` when it is. */
export function whyNotLocal(
  request: Request,
  remoteAddress: string | undefined,
): string | undefined {
  if (remoteAddress === undefined) return "it is not known where the call comes from";
  if (!LOOPBACK_ADDRESS.test(remoteAddress)) return "the call comes from another machine";
  const { headers } = request;
  if (FORWARDED.some((name) => headers.has(name))) return "a proxy passed the call on";
  if (!LOOPBACK_NAME.test(new URL(request.url).hostname)) return "the call names another host";
  const origin = headers.get("origin");
  if (origin !== null && !isLoopbackOrigin(origin)) return "a web page made the call";
  if (headers.get("sec-fetch-site") === "cross-site") return "a web page made the call";
  return undefined;
}

/** Whether a page at this origin is served from this machine. */
export function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && LOOPBACK_NAME.test(new URL(origin).hostname);
}
