/** Runs once before all tests: makes sure that there is a native Redis to start. */
// By its path: Vitest resolves this file before it knows the condition that leads to sources.
import { ensureNativeServer } from "../../../embedded/src/index.ts";

export async function setup(): Promise<void> {
  await ensureNativeServer();
}
