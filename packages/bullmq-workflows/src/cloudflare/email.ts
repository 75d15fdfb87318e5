/** What `cloudflare:email` is off Cloudflare. */
import { refuseClass } from "./refused-class.ts";
import type { RefusedClass } from "./refused-class.ts";

export const EmailMessage: RefusedClass = refuseClass(
  "EmailMessage",
  "Send mail by SMTP or a provider's API.",
);
