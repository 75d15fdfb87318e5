/** Runs once before all tests: makes sure that there is a native Redis to start. */
import { ensureNativeServer } from "@bullmq-workflows/embedded";

export async function setup(): Promise<void> {
  await ensureNativeServer();
}
