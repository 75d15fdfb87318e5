/**
 * What the server's API takes and answers with. Generated from its OpenAPI document by
 * `npm run generate -w packages/client`; a test fails when it is not what that would write.
 */

export interface ApiMessage {
  /** What kind of error it is. Others may be added. */
  readonly code: number;
  /** For people. */
  readonly message: string;
}

export interface ResultInfo {
  /** How many are on this page. */
  readonly count: number;
  readonly per_page: number;
  /** How many there are on all pages. Absent where counting would take too long. */
  readonly total_count?: number;
  readonly page?: number;
  readonly total_pages?: number;
  /** Where the next page begins. Absent when there are no more. */
  readonly cursor?: string;
}

export interface Account {
  /** The namespace. */
  readonly id: string;
  /** The same. */
  readonly name: string;
}

export interface Membership {
  readonly id: string;
  readonly status: "accepted";
  readonly account: Account;
  /** What you may do, here: one of view, operate, admin. */
  readonly roles: readonly string[];
}

export interface Worker {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly started_on: Instant;
  readonly heard_on: Instant;
  readonly workflows: readonly {
    readonly name: string;
    readonly version_id?: string;
    readonly concurrency: number;
    readonly active: number;
  }[];
}

export type Instant = string;

export interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly class_name: string;
  readonly script_name: string;
  readonly created_on: Instant;
  readonly modified_on: Instant;
  readonly triggered_on: Instant | null;
  readonly instances: Readonly<Record<string, number>>;
  readonly schedules?: readonly {
    readonly cron: string;
    readonly next_instance: Instant;
  }[];
}

/** Milliseconds, or words such as "7 days". */
export type RetentionPeriod = number | string;

export interface Version {
  readonly id: string;
  readonly class_name: string;
  readonly created_on: Instant;
  readonly modified_on: Instant;
  readonly workflow_id: string;
  readonly has_dag: boolean;
  readonly language: "javascript" | "python";
  readonly limits?: {
    readonly steps?: number;
  };
  readonly concurrency?: {
    readonly limit?: number;
  };
  readonly default_retention?: {
    readonly success_retention?: number;
    readonly error_retention?: number;
  };
}

export interface Queue {
  readonly limit: number | null;
  readonly active: number;
  readonly waiting: number;
  readonly waiting_for_worker: number;
  readonly waiting_for_slot: number;
  readonly delayed: number;
  readonly held: number;
  readonly oldest_waiting_since: Instant | null;
  readonly oldest_waiting_ms: number | null;
  readonly live_workers: number;
  readonly worker_concurrency: number;
}

export type InstanceStatus = "queued" | "running" | "waiting" | "waitingForPause" | "paused" | "rollingBack" | "complete" | "errored" | "terminated" | "unknown";

export interface Instance {
  readonly id: string;
  readonly created_on: Instant;
  readonly modified_on: Instant;
  readonly started_on: Instant | null;
  readonly ended_on: Instant | null;
  readonly status: InstanceStatus;
  readonly version_id: string;
  readonly workflow_id: string;
  readonly trigger_source: "unknown" | "api" | "binding" | "event" | "cron";
  readonly priority: number;
  readonly tags: readonly string[];
  readonly delayed_until?: Instant;
}

export interface NewInstance {
  /** Letters, digits, - and _, at most 100. One is made up if there is none. */
  readonly instance_id?: string;
  /** What `run` is given. Text that can be read as JSON is taken as that. */
  readonly params?: unknown;
  /** How long it is kept once it ended. */
  readonly instance_retention?: {
    readonly success_retention?: RetentionPeriod;
    readonly error_retention?: RetentionPeriod;
  };
  /** Of no effect here. */
  readonly location_hint?: string;
  /** Ours. Among new instances a lower number goes first; 1000 as if not said. */
  readonly priority?: number;
  /** Ours. Milliseconds or a duration by which it starts later. */
  readonly delay?: number | string;
  /** Ours. What it can be found by: letters, digits and _ . : @ / = + -, at most 64. */
  readonly tags?: readonly string[];
}

export interface CreatedInstance {
  readonly id: string;
  readonly status: InstanceStatus;
  readonly version_id: string;
  readonly workflow_id: string;
  readonly trigger_source?: "unknown" | "api" | "binding" | "event" | "cron";
}

export interface Bulk {
  readonly id: string;
  readonly action: "pause" | "resume" | "terminate" | "restart" | "delete" | "send_event";
  readonly filter: Readonly<Record<string, unknown>>;
  readonly rate: number;
  readonly state: "running" | "complete" | "cancelled";
  readonly matched: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  readonly errors: readonly {
    readonly id: string;
    readonly code: number;
    readonly message: string;
  }[];
  readonly started_by: string;
  readonly started_on: Instant;
  readonly ended_on: Instant | null;
}

export interface BulkDryRun {
  readonly dry_run: true;
  readonly matched: number;
  readonly is_exact: boolean;
  readonly sample: readonly Instance[];
}

export interface InstanceDetails {
  readonly status: InstanceStatus;
  readonly params: unknown;
  readonly trigger: {
    readonly source: "unknown" | "api" | "binding" | "event" | "cron";
  };
  readonly versionId: string;
  readonly queued: Instant;
  readonly start: Instant | null;
  readonly end: Instant | null;
  readonly success: boolean | null;
  readonly error: NamedMessage | null;
  readonly output: string | null;
  readonly rollback: {
    readonly outcome: "complete" | "failed";
    readonly error: NamedMessage | null;
  } | null;
  readonly step_count: number;
  readonly steps: readonly Step[];
  readonly priority: number;
  readonly tags: readonly string[];
  readonly delayed_until?: Instant;
}

export interface NamedMessage {
  readonly name: string;
  readonly message: string;
}

export type Step = {
  readonly type: "step" | "rollback";
  readonly name: string;
  readonly start: Instant;
  readonly end: Instant | null;
  readonly success: boolean | null;
  readonly output: string | null;
  readonly config: {
    readonly retries: {
      readonly limit: number;
      readonly delay: number | string;
      readonly backoff?: "constant" | "linear" | "exponential";
    };
    readonly timeout: number | string;
    readonly sensitive?: "output";
  };
  readonly attempts: readonly {
    readonly start: Instant;
    readonly end: Instant | null;
    readonly success: boolean | null;
    readonly error: NamedMessage | null;
  }[];
} | {
  readonly type: "sleep";
  readonly name: string;
  readonly start: Instant;
  readonly end: Instant | null;
  readonly finished: boolean;
  readonly error: NamedMessage | null;
} | {
  readonly type: "waitForEvent";
  readonly name: string;
  readonly start: Instant;
  readonly end: Instant | null;
  readonly finished: boolean;
  readonly error: NamedMessage | null;
  readonly event_type?: string;
  readonly output?: string;
} | {
  readonly type: "termination";
  readonly trigger: {
    readonly source: string;
  };
};

export interface Explanation {
  readonly code: "finished" | "running" | "pausing" | "paused" | "entries_lost" | "delayed" | "held_by_schedule" | "queued_behind_limit" | "waiting_for_worker" | "no_worker" | "worker_lost" | "waiting_for_event" | "sleeping" | "retrying" | "due" | "redis_full";
  readonly sentence: string;
  readonly facts: {
    readonly since?: Instant;
    readonly until?: Instant;
    readonly step?: string;
    readonly event_type?: string;
    readonly attempt?: number;
    readonly attempts?: number;
    readonly error?: NamedMessage;
    readonly ahead?: number;
    readonly limit?: number;
    readonly taken?: number;
    readonly worker?: string;
    readonly host?: string;
    readonly pid?: number;
    readonly live_workers?: number;
    readonly paused_by?: string;
    readonly held_by?: string;
    readonly others?: number;
    readonly memory?: number;
    readonly is_rolling_back?: true;
  };
}

export interface HistoryEntry {
  readonly index: number;
  readonly timestamp: number;
  readonly type: string;
}

export interface InstanceEvent {
  readonly instanceId: string;
  readonly eventId: number;
  readonly timestamp: number;
  readonly type: "workflow_queued" | "workflow_started" | "workflow_running" | "workflow_paused" | "workflow_waiting_for_pause" | "workflow_waiting" | "workflow_completed" | "workflow_errored" | "workflow_terminated" | "step_started" | "step_completed" | "step_errored" | "attempt_started" | "attempt_completed" | "attempt_errored" | "sleep_started" | "sleep_completed" | "wait_started" | "wait_completed" | "wait_timed_out" | "rollback_started" | "rollback_completed" | "rollback_errored" | "rollback_step_started" | "rollback_step_completed" | "rollback_step_errored" | "rollback_attempt_started" | "rollback_attempt_completed" | "rollback_attempt_errored";
}

export type FeedEvent = {
  readonly type: "status";
  readonly workflow_name: string;
  readonly instance_id: string;
  readonly status: "queued" | "running" | "waiting" | "waitingForPause" | "paused" | "rollingBack" | "complete" | "errored" | "terminated" | "deleted";
  readonly timestamp: number;
} | {
  readonly type: "reset";
  readonly reason: "opened" | "gap" | "slow" | "workflow_added";
  readonly workflow_name?: string;
};

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly workflow_name: string | null;
  readonly event_types: readonly ("workflow_queued" | "workflow_running" | "workflow_waiting" | "workflow_waiting_for_pause" | "workflow_paused" | "workflow_completed" | "workflow_errored" | "workflow_terminated" | "rollback_started")[];
  readonly status: "enabled" | "disabled";
  readonly disabled_on: Instant | null;
  readonly disabled_reason: "by_request" | "failing" | "gone" | null;
  readonly failing_since: Instant | null;
  readonly created_on: Instant;
  readonly modified_on: Instant;
}

export interface NewWebhook {
  /** What is called. */
  readonly url: string;
  /** For people. */
  readonly description?: string;
  /** The workflow that it is about; all if not said. */
  readonly workflow_name?: string;
  /** What it is told of. */
  readonly event_types?: readonly ("workflow_queued" | "workflow_running" | "workflow_waiting" | "workflow_waiting_for_pause" | "workflow_paused" | "workflow_completed" | "workflow_errored" | "workflow_terminated" | "rollback_started")[];
}

export interface WebhookWithSecret {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly workflow_name: string | null;
  readonly event_types: readonly ("workflow_queued" | "workflow_running" | "workflow_waiting" | "workflow_waiting_for_pause" | "workflow_paused" | "workflow_completed" | "workflow_errored" | "workflow_terminated" | "rollback_started")[];
  readonly status: "enabled" | "disabled";
  readonly disabled_on: Instant | null;
  readonly disabled_reason: "by_request" | "failing" | "gone" | null;
  readonly failing_since: Instant | null;
  readonly created_on: Instant;
  readonly modified_on: Instant;
  readonly secret: string;
}

export interface WebhookChange {
  /** What is called. */
  readonly url?: string;
  /** For people. */
  readonly description?: string;
  /** What it is told of. */
  readonly event_types?: readonly ("workflow_queued" | "workflow_running" | "workflow_waiting" | "workflow_waiting_for_pause" | "workflow_paused" | "workflow_completed" | "workflow_errored" | "workflow_terminated" | "rollback_started")[];
  /** One that is enabled again counts as one that never failed. */
  readonly status?: "enabled" | "disabled";
}

export interface WebhookDelivery {
  readonly message_id: string;
  readonly type: string;
  readonly workflow_name: string | null;
  readonly instance_id: string | null;
  readonly attempt: number;
  readonly attempted_on: Instant;
  readonly outcome: "delivered" | "failed" | "dead" | "dropped";
  readonly response_status: number | null;
  readonly error: string | null;
  readonly duration_ms: number;
}

export interface Unready {
  readonly status: "unready";
  readonly reasons: readonly {
    readonly code: string;
    readonly message: string;
  }[];
}

/** What each operation takes beside the account, and what comes of it, by its id. */
export interface Operations {
  /** List the accounts that you may use, which are the namespaces. */
  readonly listAccounts: {
    readonly parts: {
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
      };
    };
    readonly result: readonly Account[];
    readonly event: never;
  };
  /** List the accounts that you may use, and as what. */
  readonly listMemberships: {
    readonly parts: {
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
      };
    };
    readonly result: readonly Membership[];
    readonly event: never;
  };
  /** List live workers with what they run. */
  readonly listWorkers: {
    readonly parts: {
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
      };
    };
    readonly result: readonly Worker[];
    readonly event: never;
  };
  /** List workflows, newest first. */
  readonly listWorkflows: {
    readonly parts: {
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
        /** A part of the name. */
        readonly search?: string;
      };
    };
    readonly result: readonly Workflow[];
    readonly event: never;
  };
  /** Get a workflow, with how many instances are in each status. */
  readonly getWorkflow: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
    };
    readonly result: Workflow;
    readonly event: never;
  };
  /** Create a workflow, or make a version of it with other settings. */
  readonly putWorkflow: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly body: {
        readonly script_name: string;
        readonly class_name: string;
        readonly limits?: {
          readonly steps?: number;
        };
        readonly concurrency?: {
          readonly limit?: number;
        };
        readonly default_retention?: {
          readonly success_retention?: RetentionPeriod;
          readonly error_retention?: RetentionPeriod;
        };
        /** In place of those of the code. Without any, these are in force. */
        readonly schedules?: readonly {
          readonly cron: string;
        }[];
        readonly jurisdiction?: "eu" | "fedramp" | "us";
      };
    };
    readonly result: {
      readonly id: string;
      readonly name: string;
      readonly class_name: string;
      readonly script_name: string;
      readonly created_on: Instant;
      readonly modified_on: Instant;
      readonly triggered_on: Instant | null;
      readonly version_id: string;
      readonly is_deleted: number;
      readonly terminator_running: number;
    };
    readonly event: never;
  };
  /** Delete a workflow with all its instances. */
  readonly deleteWorkflow: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
    };
    readonly result: {
      readonly status: "ok";
      readonly success: boolean;
    };
    readonly event: never;
  };
  /** List the versions of a workflow, newest first. */
  readonly listVersions: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
      };
    };
    readonly result: readonly Version[];
    readonly event: never;
  };
  /** Get a version of a workflow. */
  readonly getVersion: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The id of a version of the workflow. */
        readonly version_id: string;
      };
    };
    readonly result: Version;
    readonly event: never;
  };
  /** Get the graph of a version, which is null. */
  readonly getGraph: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The id of a version of the workflow. */
        readonly version_id: string;
      };
    };
    readonly result: {
      readonly id: string;
      readonly class_name: string;
      readonly created_on: Instant;
      readonly modified_on: Instant;
      readonly workflow_id: string;
      readonly graph: null;
    };
    readonly event: never;
  };
  /** Get how many instances of a workflow wait and run. */
  readonly getQueue: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
    };
    readonly result: Queue;
    readonly event: never;
  };
  /** List or search instances, newest first. */
  readonly listInstances: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
        /** Only those in this status, or in one of these. */
        readonly status?: InstanceStatus | readonly InstanceStatus[];
        /** Ours. Only those with this tag, or all of these. */
        readonly tag?: string | readonly string[];
        /** Ours. Only those whose id begins so. */
        readonly id_prefix?: string;
        /** Ours. Only those that errored with this in `name: message`, in upper or lower case. */
        readonly error?: string;
        /** Ours. Only those with these values in fields of params that are searchable. */
        readonly params?: Readonly<Record<string, string | number | boolean>>;
        /** Only those created then or later. */
        readonly date_start?: string;
        /** Only those created then or earlier. */
        readonly date_end?: string;
        /** Ours. Only those that ended then or later. */
        readonly ended_start?: string;
        /** Ours. Only those that ended then or earlier. */
        readonly ended_end?: string;
        /** `result_info.cursor` of the page before; stays right while instances change. */
        readonly cursor?: string;
        /** By creation: oldest first, or newest first as if not said. */
        readonly direction?: "asc" | "desc";
      };
    };
    readonly result: readonly Instance[];
    readonly event: never;
  };
  /** Create an instance. */
  readonly createInstance: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly body: NewInstance;
    };
    readonly result: CreatedInstance;
    readonly event: never;
  };
  /** Create up to 100 instances; those whose ids are taken are left out. */
  readonly createInstances: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly body: readonly NewInstance[];
    };
    readonly result: readonly CreatedInstance[];
    readonly event: never;
  };
  /** Delete up to 100 instances. */
  readonly deleteInstances: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly body: {
        readonly instances: readonly string[];
      };
    };
    readonly result: {
      readonly deleted: readonly {
        readonly id: string;
      }[];
      readonly errors: readonly {
        readonly id: string;
        readonly code: number;
        readonly message: string;
      }[];
    };
    readonly event: never;
  };
  /** Terminate all instances, in the background. */
  readonly terminateInstances: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly query?: {
        /** Only those in this status. */
        readonly status?: "queued" | "running" | "paused" | "waitingForPause" | "waiting";
      };
    };
    readonly result: {
      readonly status: "ok" | "already_running";
    };
    readonly event: never;
  };
  /** List the bulk actions of a workflow, newest first. */
  readonly listBulk: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
      };
    };
    readonly result: readonly Bulk[];
    readonly event: never;
  };
  /** Do one thing to all instances of a filter, in the background. */
  readonly startBulk: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly body: {
        readonly action: "pause" | "resume" | "restart" | "delete";
        /** As in the query of a list. `{}` is for all instances. */
        readonly filter: {
          /** Only those in this status, or in one of these. */
          readonly status?: InstanceStatus | readonly InstanceStatus[];
          /** Ours. Only those with this tag, or all of these. */
          readonly tag?: string | readonly string[];
          /** Ours. Only those whose id begins so. */
          readonly id_prefix?: string;
          /** Ours. Only those that errored with this in `name: message`, in upper or lower case. */
          readonly error?: string;
          /** Ours. Only those with these values in fields of params that are searchable. */
          readonly params?: Readonly<Record<string, string | number | boolean>>;
          /** Only those created then or later. */
          readonly date_start?: string;
          /** Only those created then or earlier. */
          readonly date_end?: string;
          /** Ours. Only those that ended then or later. */
          readonly ended_start?: string;
          /** Ours. Only those that ended then or earlier. */
          readonly ended_end?: string;
        };
        /** Does nothing: says which and how many those would be. */
        readonly dry_run?: boolean;
        /** Instances a second, at most; 100 as if not said. */
        readonly rate?: number;
      } | {
        readonly action: "terminate";
        /** Undoes their steps first. */
        readonly rollback?: boolean;
        /** As in the query of a list. `{}` is for all instances. */
        readonly filter: {
          /** Only those in this status, or in one of these. */
          readonly status?: InstanceStatus | readonly InstanceStatus[];
          /** Ours. Only those with this tag, or all of these. */
          readonly tag?: string | readonly string[];
          /** Ours. Only those whose id begins so. */
          readonly id_prefix?: string;
          /** Ours. Only those that errored with this in `name: message`, in upper or lower case. */
          readonly error?: string;
          /** Ours. Only those with these values in fields of params that are searchable. */
          readonly params?: Readonly<Record<string, string | number | boolean>>;
          /** Only those created then or later. */
          readonly date_start?: string;
          /** Only those created then or earlier. */
          readonly date_end?: string;
          /** Ours. Only those that ended then or later. */
          readonly ended_start?: string;
          /** Ours. Only those that ended then or earlier. */
          readonly ended_end?: string;
        };
        /** Does nothing: says which and how many those would be. */
        readonly dry_run?: boolean;
        /** Instances a second, at most; 100 as if not said. */
        readonly rate?: number;
      } | {
        readonly action: "send_event";
        readonly event: {
          readonly type: string;
          readonly payload?: unknown;
        };
        /** As in the query of a list. `{}` is for all instances. */
        readonly filter: {
          /** Only those in this status, or in one of these. */
          readonly status?: InstanceStatus | readonly InstanceStatus[];
          /** Ours. Only those with this tag, or all of these. */
          readonly tag?: string | readonly string[];
          /** Ours. Only those whose id begins so. */
          readonly id_prefix?: string;
          /** Ours. Only those that errored with this in `name: message`, in upper or lower case. */
          readonly error?: string;
          /** Ours. Only those with these values in fields of params that are searchable. */
          readonly params?: Readonly<Record<string, string | number | boolean>>;
          /** Only those created then or later. */
          readonly date_start?: string;
          /** Only those created then or earlier. */
          readonly date_end?: string;
          /** Ours. Only those that ended then or later. */
          readonly ended_start?: string;
          /** Ours. Only those that ended then or earlier. */
          readonly ended_end?: string;
        };
        /** Does nothing: says which and how many those would be. */
        readonly dry_run?: boolean;
        /** Instances a second, at most; 100 as if not said. */
        readonly rate?: number;
      };
    };
    readonly result: Bulk | BulkDryRun;
    readonly event: never;
  };
  /** Get how far a bulk action has come. */
  readonly getBulk: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The id of a bulk action. */
        readonly bulk_id: string;
      };
    };
    readonly result: Bulk;
    readonly event: never;
  };
  /** Cancel a bulk action. */
  readonly cancelBulk: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The id of a bulk action. */
        readonly bulk_id: string;
      };
    };
    readonly result: Bulk;
    readonly event: never;
  };
  /** Get an instance with its steps. */
  readonly getInstance: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The instance's id. */
        readonly instance_id: string;
      };
      readonly query?: {
        /** Of the steps: first to last, or back. */
        readonly order?: "asc" | "desc";
        /** Whether to leave the steps out. */
        readonly simple?: "true" | "false";
      };
    };
    readonly result: InstanceDetails;
    readonly event: never;
  };
  /** Delete an instance with all it recorded. */
  readonly deleteInstance: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The instance's id. */
        readonly instance_id: string;
      };
    };
    readonly result: {
      readonly success: true;
    };
    readonly event: never;
  };
  /** Get what a step came to. */
  readonly getStep: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The instance's id. */
        readonly instance_id: string;
      };
      readonly query: {
        /** The step's name with its count: `charge-1`. */
        readonly name: string;
        /** `step` if not said. */
        readonly type?: "step" | "waitForEvent";
        /** Which attempt; the last one if not said. */
        readonly attempt?: number;
      };
    };
    readonly result: {
      readonly status: InstanceStatus;
      readonly error: NamedMessage | null;
      readonly output?: unknown;
      readonly event_type?: string;
    };
    readonly event: never;
  };
  /** Say why an instance does not run. */
  readonly getWhy: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The instance's id. */
        readonly instance_id: string;
      };
    };
    readonly result: Explanation;
    readonly event: never;
  };
  /** Get the history of an instance, entry by entry. */
  readonly getHistory: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The instance's id. */
        readonly instance_id: string;
      };
      readonly query?: {
        /** Where the page before ended. */
        readonly cursor?: string;
        /** Entries on a page, at most; 100 if not said. */
        readonly per_page?: number;
      };
    };
    readonly result: readonly HistoryEntry[];
    readonly event: never;
  };
  /** Hear what happens to an instance, as it happens. */
  readonly subscribeInstance: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The instance's id. */
        readonly instance_id: string;
      };
      readonly query?: {
        /** The event to go on after; 0, if not said, is before the first. */
        readonly cursor?: number;
        /** The types to be told of; all if not said. Repeated, or with commas between them. */
        readonly filter?: readonly ("workflow_queued" | "workflow_started" | "workflow_running" | "workflow_paused" | "workflow_waiting_for_pause" | "workflow_waiting" | "workflow_completed" | "workflow_errored" | "workflow_terminated" | "step_started" | "step_completed" | "step_errored" | "attempt_started" | "attempt_completed" | "attempt_errored" | "sleep_started" | "sleep_completed" | "wait_started" | "wait_completed" | "wait_timed_out" | "rollback_started" | "rollback_completed" | "rollback_errored" | "rollback_step_started" | "rollback_step_completed" | "rollback_step_errored" | "rollback_attempt_started" | "rollback_attempt_completed" | "rollback_attempt_errored")[];
      };
    };
    readonly result: never;
    readonly event: InstanceEvent;
  };
  /** Pause, resume, terminate or restart an instance. */
  readonly changeStatus: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The instance's id. */
        readonly instance_id: string;
      };
      readonly body: {
        readonly status: "pause";
      } | {
        readonly status: "resume";
      } | {
        readonly status: "terminate";
        readonly rollback?: boolean;
      } | {
        readonly status: "restart";
        readonly from?: {
          readonly name: string;
          readonly count?: number;
          readonly type?: "do" | "sleep" | "waitForEvent";
        };
      };
    };
    readonly result: {
      readonly status: InstanceStatus;
      readonly timestamp: Instant;
    };
    readonly event: never;
  };
  /** Send an event to an instance; the body is its payload. */
  readonly sendEvent: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
        /** The instance's id. */
        readonly instance_id: string;
        /** The event's type. */
        readonly event_type: string;
      };
      readonly body: unknown;
    };
    readonly result: {
      readonly instanceId: string;
      readonly timestamp: Instant;
    };
    readonly event: never;
  };
  /** Hear of the instances of a workflow, as their statuses change. */
  readonly followWorkflow: {
    readonly parts: {
      readonly path: {
        /** The workflow's name. */
        readonly workflow_name: string;
      };
      readonly query?: {
        /** The statuses to be told of; all if not said. Repeated, or with commas between them. */
        readonly status?: readonly ("queued" | "running" | "waiting" | "waitingForPause" | "paused" | "rollingBack" | "complete" | "errored" | "terminated" | "deleted")[];
      };
    };
    readonly result: never;
    readonly event: FeedEvent;
  };
  /** Hear of the instances of all workflows, as their statuses change. */
  readonly followNamespace: {
    readonly parts: {
      readonly query?: {
        /** The statuses to be told of; all if not said. Repeated, or with commas between them. */
        readonly status?: readonly ("queued" | "running" | "waiting" | "waitingForPause" | "paused" | "rollingBack" | "complete" | "errored" | "terminated" | "deleted")[];
      };
    };
    readonly result: never;
    readonly event: FeedEvent;
  };
  /** List webhooks, oldest first. */
  readonly listWebhooks: {
    readonly parts: {
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
      };
    };
    readonly result: readonly Webhook[];
    readonly event: never;
  };
  /** Have an address told of what happens to instances. */
  readonly createWebhook: {
    readonly parts: {
      readonly body: NewWebhook;
    };
    readonly result: WebhookWithSecret;
    readonly event: never;
  };
  /** Get a webhook. */
  readonly getWebhook: {
    readonly parts: {
      readonly path: {
        /** The webhook's id. */
        readonly webhook_id: string;
      };
    };
    readonly result: Webhook;
    readonly event: never;
  };
  /** Change, disable or enable a webhook. */
  readonly updateWebhook: {
    readonly parts: {
      readonly path: {
        /** The webhook's id. */
        readonly webhook_id: string;
      };
      readonly body: WebhookChange;
    };
    readonly result: Webhook;
    readonly event: never;
  };
  /** Delete a webhook. */
  readonly deleteWebhook: {
    readonly parts: {
      readonly path: {
        /** The webhook's id. */
        readonly webhook_id: string;
      };
    };
    readonly result: {
      readonly success: boolean;
    };
    readonly event: never;
  };
  /** Exchange the secret of a webhook. */
  readonly rotateWebhookSecret: {
    readonly parts: {
      readonly path: {
        /** The webhook's id. */
        readonly webhook_id: string;
      };
    };
    readonly result: WebhookWithSecret;
    readonly event: never;
  };
  /** Send a test message to a webhook. */
  readonly testWebhook: {
    readonly parts: {
      readonly path: {
        /** The webhook's id. */
        readonly webhook_id: string;
      };
    };
    readonly result: {
      readonly message_id: string;
      readonly delivered: boolean;
      readonly response_status: number | null;
      readonly error: string | null;
      readonly duration_ms: number;
    };
    readonly event: never;
  };
  /** List the last attempts to deliver to a webhook. */
  readonly listWebhookDeliveries: {
    readonly parts: {
      readonly path: {
        /** The webhook's id. */
        readonly webhook_id: string;
      };
      readonly query?: {
        /** Which page, from 1. One past the end is empty. */
        readonly page?: number;
        /** Items on a page; 25 if not said. */
        readonly per_page?: number;
      };
    };
    readonly result: readonly WebhookDelivery[];
    readonly event: never;
  };
  /** Ask whether the process lives. */
  readonly getHealth: {
    readonly parts: Readonly<Record<never, never>>;
    readonly result: {
      readonly status: "ok";
    };
    readonly event: never;
  };
  /** Ask whether calls can be served. */
  readonly getReadiness: {
    readonly parts: Readonly<Record<never, never>>;
    readonly result: {
      readonly status: "ready";
    };
    readonly event: never;
  };
  /** Get this description of the API, as OpenAPI 3.1. */
  readonly getDocument: {
    readonly parts: Readonly<Record<never, never>>;
    readonly result: {
      readonly openapi: string;
    };
    readonly event: never;
  };
  /** Read this description of the API as a page. */
  readonly getReference: {
    readonly parts: Readonly<Record<never, never>>;
    readonly result: never;
    readonly event: never;
  };
}

/** How each operation is called. */
export const OPERATIONS: Readonly<Record<keyof Operations, OperationFacts>> = {
  listAccounts: {"method":"GET","path":"/accounts"},
  listMemberships: {"method":"GET","path":"/memberships"},
  listWorkers: {"method":"GET","path":"/accounts/{account_id}/workers"},
  listWorkflows: {"method":"GET","path":"/accounts/{account_id}/workflows"},
  getWorkflow: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}"},
  putWorkflow: {"method":"PUT","path":"/accounts/{account_id}/workflows/{workflow_name}"},
  deleteWorkflow: {"method":"DELETE","path":"/accounts/{account_id}/workflows/{workflow_name}"},
  listVersions: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/versions"},
  getVersion: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/versions/{version_id}"},
  getGraph: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/versions/{version_id}/graph"},
  getQueue: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/queue"},
  listInstances: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/instances"},
  createInstance: {"method":"POST","path":"/accounts/{account_id}/workflows/{workflow_name}/instances"},
  createInstances: {"method":"POST","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/batch"},
  deleteInstances: {"method":"POST","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/batch/delete"},
  terminateInstances: {"method":"PUT","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/terminate"},
  listBulk: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/bulk"},
  startBulk: {"method":"POST","path":"/accounts/{account_id}/workflows/{workflow_name}/bulk"},
  getBulk: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/bulk/{bulk_id}"},
  cancelBulk: {"method":"DELETE","path":"/accounts/{account_id}/workflows/{workflow_name}/bulk/{bulk_id}"},
  getInstance: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/{instance_id}"},
  deleteInstance: {"method":"DELETE","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/{instance_id}"},
  getStep: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/{instance_id}/step","streams":["application/octet-stream"]},
  getWhy: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/{instance_id}/why"},
  getHistory: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/{instance_id}/history"},
  subscribeInstance: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/{instance_id}/subscribe","streams":["text/event-stream","application/x-ndjson"]},
  changeStatus: {"method":"PATCH","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/{instance_id}/status"},
  sendEvent: {"method":"POST","path":"/accounts/{account_id}/workflows/{workflow_name}/instances/{instance_id}/events/{event_type}"},
  followWorkflow: {"method":"GET","path":"/accounts/{account_id}/workflows/{workflow_name}/feed","streams":["text/event-stream","application/x-ndjson"]},
  followNamespace: {"method":"GET","path":"/accounts/{account_id}/feed","streams":["text/event-stream","application/x-ndjson"]},
  listWebhooks: {"method":"GET","path":"/accounts/{account_id}/webhooks"},
  createWebhook: {"method":"POST","path":"/accounts/{account_id}/webhooks"},
  getWebhook: {"method":"GET","path":"/accounts/{account_id}/webhooks/{webhook_id}"},
  updateWebhook: {"method":"PATCH","path":"/accounts/{account_id}/webhooks/{webhook_id}"},
  deleteWebhook: {"method":"DELETE","path":"/accounts/{account_id}/webhooks/{webhook_id}"},
  rotateWebhookSecret: {"method":"POST","path":"/accounts/{account_id}/webhooks/{webhook_id}/secret"},
  testWebhook: {"method":"POST","path":"/accounts/{account_id}/webhooks/{webhook_id}/test"},
  listWebhookDeliveries: {"method":"GET","path":"/accounts/{account_id}/webhooks/{webhook_id}/deliveries"},
  getHealth: {"method":"GET","path":"/healthz","isBare":true},
  getReadiness: {"method":"GET","path":"/readyz","isBare":true},
  getDocument: {"method":"GET","path":"/openapi.json","isBare":true},
  getReference: {"method":"GET","path":"/docs","streams":["text/html"]},
};

export interface OperationFacts {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Under the base path. Parameters in braces. */
  readonly path: string;
  /** Its result is the whole body. */
  readonly isBare?: true;
  /** Media types other than JSON that it may answer with. */
  readonly streams?: readonly string[];
}
