/** `cloudflare:workflows` as the program gets it on this engine. */
export { NonRetryableError } from "../../../packages/bullmq-workflows/src/model/errors.ts";
