/** Where the engine says what it does. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Everything is optional to listen to; nothing may throw. */
export interface Telemetry {
  log(level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>): void;
  count(metric: string, facts?: Readonly<Record<string, unknown>>): void;
}
