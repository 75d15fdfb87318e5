/** A part of a job. It takes much less than the time for which a server holds the job. */
import type { Job, OpenWorkflow } from "bullmq-workflows/internal";

interface TurnOutcome {
  readonly isDone: boolean;
  /** How far it has come: what the next turn is told. */
  readonly detail: string;
  /** How long the next turn is to wait. @defaultValue 0 */
  readonly waitMs?: number;
}

export type Turn = (
  opened: OpenWorkflow,
  job: Pick<Job, "id" | "detail" | "material">,
) => Promise<TurnOutcome>;
