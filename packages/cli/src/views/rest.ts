/** The API's results, as far as they are shown; docs/server.md tells of all of them. */

export interface WorkflowResult {
  readonly id: string;
  readonly name: string;
  readonly class_name: string;
  readonly script_name: string;
  readonly created_on: string;
  readonly modified_on: string;
  readonly triggered_on: string | null;
  readonly instances: Readonly<Record<string, number>>;
}

export interface VersionResult {
  readonly id: string;
  readonly created_on: string;
  readonly modified_on: string;
}

export interface InstanceResult {
  readonly id: string;
  readonly created_on: string;
  readonly modified_on: string;
  readonly status: string;
  readonly version_id: string;
  readonly tags?: readonly string[];
}

export interface NamedMessage {
  readonly name: string;
  readonly message: string;
}

export interface AttemptResult {
  readonly start: string;
  readonly end: string | null;
  readonly success: boolean | null;
  readonly error: NamedMessage | null;
}

export interface DoResult {
  readonly type: "step" | "rollback";
  readonly name: string;
  readonly start: string;
  readonly end: string | null;
  readonly success: boolean | null;
  readonly output: string | null;
  readonly config: {
    readonly retries: { readonly limit: number; readonly delay: number | string };
  };
  readonly attempts: readonly AttemptResult[];
}

export interface WaitResult {
  readonly type: "sleep" | "waitForEvent";
  readonly name: string;
  readonly start: string;
  readonly end: string | null;
  readonly finished: boolean;
  readonly error: NamedMessage | null;
  readonly event_type?: string;
  readonly output?: string;
}

interface TerminationResult {
  readonly type: "termination";
}

export type StepResult = DoResult | WaitResult | TerminationResult;

export interface DetailsResult {
  readonly status: string;
  readonly params: unknown;
  readonly trigger: { readonly source: string };
  readonly versionId: string;
  readonly queued: string;
  readonly start: string | null;
  readonly end: string | null;
  readonly success: boolean | null;
  readonly error: NamedMessage | null;
  readonly output: string | number | null;
  readonly rollback: {
    readonly outcome: string;
    readonly error: NamedMessage | null;
  } | null;
  readonly step_count: number;
  readonly steps: readonly StepResult[];
}
