import { runCommandLine } from "./command-line.ts";
import { flush, openTerminal } from "./terminal.ts";

const exitCode = await runCommandLine(process.argv.slice(2), openTerminal());
await flush();
// What a project left running, timers for one, does not keep a command that has ended.
process.exit(exitCode);
