/**
 * The contract of a {@link Dispatcher}, for every implementation to pass.
 *
 * Nothing here waits for a while to see whether something happens. Order is seen by looking at what
 * was activated once a request behind all others was, and concurrency by gates that the test opens.
 */
import { describe } from "vitest";
import { alarmTests } from "./dispatcher/alarms.suite.ts";
import { createSetUp } from "./dispatcher/bundle.ts";
import type { DispatcherSetup } from "./dispatcher/bundle.ts";
import { closingTests, consumerTests } from "./dispatcher/consumers.suite.ts";
import {
  deliveryTests,
  duplicateTests,
  lookingTests,
  orderTests,
} from "./dispatcher/delivery.suite.ts";

export type { DispatcherSetup } from "./dispatcher/bundle.ts";

const CHAPTERS = {
  looking: lookingTests,
  delivery: deliveryTests,
  order: orderTests,
  duplicates: duplicateTests,
  consumers: consumerTests,
  alarms: alarmTests,
  "stop and close": closingTests,
};

export function describeDispatcher(name: string, open: () => Promise<DispatcherSetup>): void {
  const setup = createSetUp(open);
  for (const [chapter, tests] of Object.entries(CHAPTERS)) {
    describe(`${name}: ${chapter}`, () => {
      tests(setup);
    });
  }
}
