/** One of the two that are compared: something that runs scenarios and answers with their records. */
export interface Side {
  readonly name: "cloudflare" | "ours";
  /** The record of a scenario, as JSON would have it. */
  run(scenario: string): Promise<unknown>;
  close(): Promise<void>;
}
