/**
 * A workflow in `env`. Code may take hold of it while the project still loads, when its class is not known
 * yet, but not call it: Cloudflare allows no I/O then either.
 */
import type {
  Workflow,
  WorkflowBatchDeleteResult,
  WorkflowInstance,
  WorkflowInstanceCreateOptions,
} from "bullmq-workflows";
import { ProjectError } from "../errors.ts";

export class WorkflowBinding {
  readonly name: string;
  readonly #registered: () => Workflow | undefined;

  constructor(name: string, registered: () => Workflow | undefined) {
    this.name = name;
    this.#registered = registered;
  }

  async create(options?: WorkflowInstanceCreateOptions): Promise<WorkflowInstance> {
    return await this.#workflow().create(options);
  }

  async createBatch(batch: Parameters<Workflow["createBatch"]>[0]): Promise<unknown> {
    return await this.#workflow().createBatch(batch);
  }

  async get(id: string): Promise<WorkflowInstance> {
    return await this.#workflow().get(id);
  }

  async deleteBatch(ids: readonly string[]): Promise<WorkflowBatchDeleteResult> {
    return await this.#workflow().deleteBatch(ids);
  }

  async counts(): ReturnType<Workflow["counts"]> {
    return await this.#workflow().counts();
  }

  async list(request: Parameters<Workflow["list"]>[0]): ReturnType<Workflow["list"]> {
    return await this.#workflow().list(request);
  }

  async schedules(): ReturnType<Workflow["schedules"]> {
    return await this.#workflow().schedules();
  }

  #workflow(): Workflow {
    const workflow = this.#registered();
    if (workflow) return workflow;
    throw new ProjectError(
      "project.still_loading",
      `The workflow "${this.name}" was called while the project loads. ` +
        "Call it in a handler or a step, not at the top level of a file.",
    );
  }
}
