import { EmbeddedServerError } from "./errors.ts";

export interface StartServerOptions {
  /**
   * A server of yours, `redis://` or `rediss://`. It is checked to answer, and nothing is started.
   * Typically from the environment: `{ url: process.env["REDIS_URL"] }`; empty counts as absent.
   */
  readonly url?: string | undefined;
  /**
   * Where a started server keeps its data. Created if missing. Without it the server starts empty,
   * and its data is gone when it stops.
   */
  readonly dataDir?: string | undefined;
  /**
   * Which server to start: a program on the PATH, the WebAssembly build, or the first of these that
   * there is. @defaultValue "auto"
   */
  readonly kind?: "auto" | "native" | "wasm" | undefined;
  /** Loopback port of a started server; 0 takes a free one. @defaultValue 0 */
  readonly port?: number | undefined;
  /** Further arguments for a native server, for example `["--appendfsync", "always"]`. */
  readonly extraArgs?: readonly string[] | undefined;
  /**
   * Shortest time between two snapshots of the WebAssembly server, in ms. What changed since the
   * last one is lost in a crash. @defaultValue 2000
   */
  readonly snapshotEveryMs?: number | undefined;
  /**
   * Told when a started server is in trouble: it crashed, or cannot write to its data folder.
   * @defaultValue `process.emitWarning`
   */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface ResolvedStartServerOptions {
  readonly url: string | undefined;
  readonly dataDir: string | undefined;
  readonly kind: "auto" | "native" | "wasm";
  readonly port: number;
  readonly extraArgs: readonly string[];
  readonly snapshotEveryMs: number;
  readonly onWarning: (message: string) => void;
}

const KINDS = ["auto", "native", "wasm"] as const;
const PORT_MAX = 65_535;
const SNAPSHOT_EVERY_MS_MIN = 50;

/** @throws {@link EmbeddedServerError} `server.invalid_option` */
export function resolveStartServerOptions(options: StartServerOptions): ResolvedStartServerOptions {
  const { kind = "auto", port = 0, extraArgs = [], snapshotEveryMs = 2_000 } = options;
  expect(KINDS.includes(kind), "kind", `one of ${KINDS.join(", ")}`, kind);
  const isPort = Number.isInteger(port) && port >= 0 && port <= PORT_MAX;
  expect(isPort, "port", `an integer from 0 to ${PORT_MAX}`, port);
  const isInterval = Number.isFinite(snapshotEveryMs) && snapshotEveryMs >= SNAPSHOT_EVERY_MS_MIN;
  expect(isInterval, "snapshotEveryMs", `a number ≥ ${SNAPSHOT_EVERY_MS_MIN}`, snapshotEveryMs);
  const { onWarning = (message) => process.emitWarning(message, "EmbeddedServerWarning") } =
    options;
  return Object.freeze({
    url: options.url === "" ? undefined : options.url,
    dataDir: options.dataDir === "" ? undefined : options.dataDir,
    kind,
    port,
    extraArgs,
    snapshotEveryMs,
    onWarning,
  });
}

function expect(isMet: boolean, option: string, rule: string, value: unknown): void {
  if (isMet) return;
  throw new EmbeddedServerError(
    "server.invalid_option",
    `Expected \`${option}\` to be ${rule}, got \`${JSON.stringify(value)}\``,
  );
}
