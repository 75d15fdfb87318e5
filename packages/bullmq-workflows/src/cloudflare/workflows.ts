/** What `cloudflare:workflows` is off Cloudflare. */
export { NonRetryableError } from "../model/errors.ts";
