/** `cloudflare:workers` as the program gets it on this engine. */
export { WorkflowEntrypoint } from "../../../packages/bullmq-workflows/src/model/workflow.ts";
