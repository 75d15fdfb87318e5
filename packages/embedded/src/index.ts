/**
 * A Redis-compatible server for development, tests and demos: the one you name, a native one on the
 * PATH, or Valkey compiled to WebAssembly.
 */
export type { EmbeddedServer, ServerExit, ServerKind } from "./embedded-server.ts";
export { EmbeddedServerError, type EmbeddedServerErrorCode } from "./errors.ts";
export { ensureNativeServer, explainNativeInstall } from "./native/install-native-server.ts";
export { findNativeServer, type NativeProgram } from "./native/find-native-server.ts";
export type { StartServerOptions } from "./options.ts";
export { startServer } from "./start-server.ts";
