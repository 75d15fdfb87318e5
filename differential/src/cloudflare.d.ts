declare module "cloudflare:workers" {
  export { WorkflowEntrypoint } from "bullmq-workflows";
}

declare module "cloudflare:workflows" {
  export { NonRetryableError } from "bullmq-workflows";
}
