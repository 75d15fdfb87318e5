/**
 * What a scenario is: code that runs unchanged on Cloudflare's local runtime and on this engine.
 *
 * The types are as loose as JavaScript: scenarios also do what no types allow.
 */

/** The `step` object, whatever it is given. */
export interface Step {
  do<T>(...parameters: readonly unknown[]): Promise<T>;
  sleep(...parameters: readonly unknown[]): Promise<void>;
  sleepUntil(...parameters: readonly unknown[]): Promise<void>;
  waitForEvent<T>(...parameters: readonly unknown[]): Promise<T>;
}

export interface Event {
  payload: unknown;
  timestamp: Date;
  instanceId: string;
  workflowName: string;
}

export interface InstanceStatus {
  status: string;
  output?: unknown;
  error?: unknown;
  rollback?: unknown;
}

export interface Instance {
  readonly id: string;
  status(): Promise<InstanceStatus>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  terminate(options?: unknown): Promise<void>;
  restart(options?: unknown): Promise<void>;
  delete(): Promise<void>;
  sendEvent(event: unknown): Promise<void>;
  subscribe(options?: unknown): Promise<Subscription>;
}

export interface Subscription {
  next(): Promise<{ readonly done?: boolean; readonly value?: unknown }>;
}

/** The binding. */
export interface Workflow {
  get(id: unknown): Promise<Instance>;
  create(options?: unknown): Promise<Instance>;
  createBatch(batch: unknown): Promise<unknown>;
  deleteBatch(ids: unknown): Promise<unknown>;
}

/** What a scenario may use in its workflow beside `step` and `event`. */
export interface Inside {
  /** Counts what happens, over attempts and replays; answers how often it has. */
  readonly count: (what: string) => number;
  /** Resolves when {@link Outside.open} is called for this gate and instance. */
  readonly gate: (name: string) => Promise<void>;
}

/** What a scenario may do from outside. */
export interface Outside {
  readonly workflow: Workflow;
  /** The same workflow with a limit of three steps. */
  readonly limited: Workflow;
  /** A new instance of the scenario under an id of its own; its end is part of the record. */
  readonly create: (options?: Readonly<Record<string, unknown>>) => Promise<Instance>;
  /** An id for an instance of this scenario. */
  readonly newId: () => string;
  /** Makes an instance, however it was created, part of the record. */
  readonly keep: (instance: Instance) => Instance;
  /** Waits until the instance has ended. */
  readonly ended: (instance: Instance) => Promise<InstanceStatus>;
  /** Waits until the instance has this status. */
  readonly until: (instance: Instance, status: string) => Promise<void>;
  /** Waits until the code of the instance runs, and what it begins with has begun. */
  readonly begun: (instance: Instance) => Promise<void>;
  /** Waits until something was counted so often. */
  readonly counted: (instance: Instance, what: string, times?: number) => Promise<void>;
  readonly open: (instance: Instance, gate: string) => void;
  /** How a call went: with what it resolved, or what it threw. */
  readonly outcome: (promise: Promise<unknown> | (() => Promise<unknown>)) => Promise<unknown>;
}

export interface Scenario {
  readonly name: string;
  readonly run: (step: Step, event: Event, inside: Inside) => Promise<unknown>;
  /** @defaultValue creates one instance and waits for its end */
  readonly drive?: (outside: Outside) => Promise<unknown>;
}
