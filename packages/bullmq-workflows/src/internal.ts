/**
 * For this project's own server, command line and dashboard. Outside semantic versioning: anything here may
 * change or go with any release, so use a version of theirs that is the library's own.
 */
export {
  checkStore,
  namespaceOf,
  openAccessLedger,
  openNamespace,
  registeredNamesOf,
} from "./wiring/namespace.ts";
export type { Namespace, OpenWorkflow } from "./wiring/namespace.ts";
export type { AccessLedger, AuditEntry } from "./engine/ports/access-ledger.ts";
export type {
  Directory,
  Job,
  BeginJobOutcome,
  JobReport,
  LiveWorker,
  WorkerLoad,
  WorkflowRecord,
  WorkflowSettings,
} from "./engine/ports/directory.ts";
export type { QueueState, PlaceSurvey, Survey } from "./engine/ports/insights.ts";
export type { InstanceSummary, ListRequest, InstancePage } from "./engine/ports/listing.ts";
export type { WaitingRequests } from "./engine/ports/dispatcher.ts";
export type { InstanceRecord } from "./engine/ports/instances.ts";
export type { Store } from "./engine/ports/store.ts";

export { EXPLANATION_CODES } from "./client/explanation.ts";
export type { Explanation, ExplanationCode, ExplanationFacts } from "./client/explanation.ts";
export { findInstances, toListScope } from "./client/search.ts";
export type { ListScope } from "./client/search.ts";
export { isCountable, isSearch } from "./engine/ports/listing.ts";
export { tagsOf } from "./model/labels.ts";
export type { FeedListener, FeedWatch } from "./client/feed-watch.ts";
export type { ObservedHistory } from "./client/observation.ts";
export type {
  Delivery,
  DeliveryAttempt,
  DeliveryOutcome,
  DeliveryQueue,
} from "./engine/ports/delivery-queue.ts";
export { keepWanted, statusesWanted } from "./engine/ports/webhook-ledger.ts";
export type { WebhookLedger, WebhookRecord } from "./engine/ports/webhook-ledger.ts";
export { OUTBOX_LIMIT } from "./engine/ports/status-feed.ts";
export type { OutboxEntry, OutboxLosses, StatusChange } from "./engine/ports/status-feed.ts";
export type { Inspection, Summary } from "./client/inspection.ts";
export type {
  AttemptDetails,
  DoDetails,
  SleepDetails,
  StepDetails,
  WaitDetails,
} from "./model/instance-details.ts";
export type { NamedMessage } from "./model/error-folding.ts";
export { INSTANCE_EVENT_TYPES } from "./model/instance-event-types.ts";
export { jsonView } from "./model/json-view.ts";
export { parseDuration } from "./model/duration.ts";
export { toScheduleStatus } from "./client/schedule-status.ts";
export type { SchedulesInForce } from "./engine/ports/schedules.ts";
export { normalizeCron, whyInvalidCron } from "./model/cron.ts";
export { BATCH_LIMIT, SCHEDULE_LIMIT, SEARCHABLE_LIMIT, TAG_LIMIT } from "./model/limits.ts";
export { isAddressableInstanceId, isValidNamespace, isValidWorkflowName } from "./model/names.ts";
export { isFinished, STATUSES } from "./model/status.ts";
