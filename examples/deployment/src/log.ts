/** A line of JSON per entry, which is what collectors of logs like to read. */
import type { Logger } from "bullmq-workflows";

export const log: Logger = (level, message, facts) => {
  if (level === "debug") return;
  const error = facts?.["error"];
  const text = error instanceof Error ? { error: error.stack } : {};
  console.log(JSON.stringify({ at: new Date().toISOString(), level, message, ...facts, ...text }));
};
