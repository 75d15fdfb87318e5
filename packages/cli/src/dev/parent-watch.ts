/**
 * Ends this process when who started it is gone, whatever it is doing.
 *
 * A process hears of the end of another one by its event loop, and code that is being written may never let
 * go of that. So a thread looks.
 */
import { Worker } from "node:worker_threads";

const LOOK_EVERY_MS = 500;

const LOOK = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
  if (process.ppid !== workerData.parent) process.kill(process.pid, "SIGKILL");
}, workerData.everyMs);
`;

export function endWithParent(): void {
  const workerData = { parent: process.ppid, everyMs: LOOK_EVERY_MS };
  // It needs nothing of what this process was started with.
  new Worker(LOOK, { eval: true, execArgv: [], env: {}, workerData }).unref();
}
