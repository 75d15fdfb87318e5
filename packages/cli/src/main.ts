import { runCommandLine } from "./command-line.ts";
import { openTerminal } from "./terminal.ts";

const exitCode = await runCommandLine(process.argv.slice(2), openTerminal());
// What a project left running, timers for one, does not keep a command that has ended.
process.exit(exitCode);
