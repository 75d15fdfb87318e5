import { findDataKinds, type LocalKind } from "./data-folder.ts";
import type { EmbeddedServer } from "./embedded-server.ts";
import { EmbeddedServerError } from "./errors.ts";
import { connectExternalServer } from "./external-server.ts";
import { findNativeServer, type NativeProgram } from "./native/find-native-server.ts";
import { explainNativeInstall } from "./native/install-native-server.ts";
import { startNativeServer } from "./native/native-server.ts";
import {
  resolveStartServerOptions,
  type ResolvedStartServerOptions,
  type StartServerOptions,
} from "./options.ts";
import { startWasmServer } from "./wasm/wasm-server.ts";

/**
 * Finds or starts a Redis-compatible server, in this order: the `url` given; a `redis-server` or
 * `valkey-server` on the PATH; Valkey as WebAssembly. A `dataDir` that already holds the data of one
 * kind stays with that kind, since the other could not read it.
 *
 * @example
 * ```ts
 * const server = await startServer({ url: process.env["REDIS_URL"], dataDir: ".data" });
 * console.log(server.description);
 * // … use server.url …
 * await server.close();
 * ```
 *
 * @throws {@link EmbeddedServerError} with a code and a message that says what to do
 */
export async function startServer(options: StartServerOptions = {}): Promise<EmbeddedServer> {
  const resolved = resolveStartServerOptions(options);
  if (resolved.url !== undefined) return await connectExternalServer(resolved.url);
  const program = resolved.kind === "wasm" ? undefined : await findNativeServer();
  if (decideKind(resolved, program) === "wasm") return await startWasmServer(resolved);
  return await startNativeServer(resolved, assertInstalled(program));
}

function decideKind(
  { kind, dataDir }: ResolvedStartServerOptions,
  program: NativeProgram | undefined,
): LocalKind {
  if (kind !== "auto") return kind;
  const [dataKind, ...others] = dataDir === undefined ? [] : findDataKinds(dataDir);
  const preferred = program === undefined ? "wasm" : "native";
  if (dataKind === undefined || dataKind === preferred || others.length > 0) return preferred;
  if (dataKind === "wasm") return "wasm";
  throw new EmbeddedServerError(
    "server.data_of_other_kind",
    `${dataDir} holds the data of a native server, and none is on the PATH. ` +
      `${explainNativeInstall()} Or choose another dataDir.`,
  );
}

function assertInstalled(program: NativeProgram | undefined): NativeProgram {
  if (program !== undefined) return program;
  throw new EmbeddedServerError(
    "server.not_installed",
    `There is no redis-server or valkey-server on the PATH. ${explainNativeInstall()}`,
  );
}
