/** What `cloudflare:sockets` is off Cloudflare: packages import it and fall back when it fails. */
import { CloudflareOnlyError } from "./cloudflare-only-error.ts";

export function connect(_address?: unknown, _options?: unknown): never {
  throw new CloudflareOnlyError("connect() of cloudflare:sockets", "Use node:net or node:tls.");
}
