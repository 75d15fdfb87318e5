/** The kinds of steps in the details of an instance. */
import type { Step } from "@bullmq-workflows/client";

/** A `do`, or its rollback. */
export type DoStep = Extract<Step, { readonly type: "step" | "rollback" }>;

export type WaitStep = Extract<Step, { readonly finished: boolean }>;

export type Attempt = DoStep["attempts"][number];
