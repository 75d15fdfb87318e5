/** How a native server gets onto this system, in words and in deeds. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { EmbeddedServerError, messageOf } from "../errors.ts";
import { findNativeServer, type NativeProgram } from "./find-native-server.ts";

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const BUSY_RETRY_MS = 1_000;

interface PackageManager {
  /** Present exactly on systems that use it. */
  readonly marker: string;
  readonly needsRoot: boolean;
  readonly commands: readonly (readonly string[])[];
}

const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    marker: "/usr/bin/apt-get",
    needsRoot: true,
    commands: [
      ["apt-get", "update"],
      ["apt-get", "install", "-y", "redis-server"],
    ],
  },
  { marker: "/usr/bin/dnf", needsRoot: true, commands: [["dnf", "install", "-y", "valkey"]] },
  { marker: "/sbin/apk", needsRoot: true, commands: [["apk", "add", "valkey"]] },
  {
    marker: "/usr/bin/pacman",
    needsRoot: true,
    commands: [["pacman", "-S", "--noconfirm", "valkey"]],
  },
  { marker: "/usr/bin/zypper", needsRoot: true, commands: [["zypper", "-n", "install", "redis"]] },
  { marker: "/opt/homebrew/bin/brew", needsRoot: false, commands: [["brew", "install", "redis"]] },
  { marker: "/usr/local/bin/brew", needsRoot: false, commands: [["brew", "install", "redis"]] },
];

/** One line that tells the reader how to install a native server on the system this runs on. */
export function explainNativeInstall(): string {
  const manager = findPackageManager();
  if (manager !== undefined) {
    const sudo = manager.needsRoot && !isRoot() ? "sudo " : "";
    const line = manager.commands.map((command) => sudo + command.join(" ")).join(" && ");
    return `Install one with: ${line}`;
  }
  if (process.platform === "darwin") {
    return "Install Homebrew (https://brew.sh), then a server with: brew install redis";
  }
  if (process.platform === "win32") {
    return "Redis has no native Windows build: use WSL, where it is installed with: sudo apt-get install redis-server";
  }
  return "Install redis or valkey with your system's package manager, so that redis-server or valkey-server is on the PATH.";
}

/**
 * The native server on the PATH, installed first if need be: with the system's package manager, when
 * that takes no password. Meant for test suites, which cannot do without a server that survives
 * `kill -9`.
 *
 * @throws {@link EmbeddedServerError} `server.not_installed` when it would take a password or there
 * is no known package manager; `server.install_failed` when installing went wrong
 */
export async function ensureNativeServer(): Promise<NativeProgram> {
  const found = await findNativeServer();
  if (found !== undefined) return found;
  const manager = findPackageManager();
  const prefix = manager === undefined ? undefined : await findPrivilege(manager);
  if (manager === undefined || prefix === undefined) {
    throw new EmbeddedServerError("server.not_installed", explainNativeInstall());
  }
  for (const command of manager.commands) await install([...prefix, ...command]);
  const installed = await findNativeServer();
  if (installed !== undefined) return installed;
  throw new EmbeddedServerError(
    "server.install_failed",
    `The package manager reported success, but no redis-server or valkey-server of version 6.2 or ` +
      `newer is on the PATH (${process.env["PATH"]}).`,
  );
}

function findPackageManager(): PackageManager | undefined {
  return PACKAGE_MANAGERS.find(({ marker }) => existsSync(marker));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** What has to be put before a command for it to be allowed, if that takes no password. */
async function findPrivilege({ needsRoot }: PackageManager): Promise<string[] | undefined> {
  if (!needsRoot || isRoot()) return [];
  try {
    await promisify(execFile)("sudo", ["-n", "true"]);
    return ["sudo", "-n"];
  } catch {
    // No sudo, or it asks for a password.
    return undefined;
  }
}

async function install(command: readonly string[]): Promise<void> {
  const [program = "", ...args] = withQuietDebian(command);
  const deadline = Date.now() + INSTALL_TIMEOUT_MS;
  for (;;) {
    try {
      await promisify(execFile)(program, args, { timeout: INSTALL_TIMEOUT_MS });
      return;
    } catch (cause) {
      // Another test file, or the system's own updates, may be installing at this moment.
      const isBusy = /could not get lock|unable to lock|is locked/i.test(messageOf(cause));
      if (!isBusy || Date.now() > deadline) throw installFailed(command, cause);
      await delay(BUSY_RETRY_MS);
    }
  }
}

function installFailed(command: readonly string[], cause: unknown): EmbeddedServerError {
  return new EmbeddedServerError(
    "server.install_failed",
    `\`${command.join(" ")}\` failed: ${messageOf(cause)}. ${explainNativeInstall()}`,
    { cause },
  );
}

/**
 * Debian packages ask questions and start a service on the default port; RUNLEVEL=1 stops the latter.
 * `env` carries both through sudo, which drops the environment.
 */
function withQuietDebian(command: readonly string[]): string[] {
  const at = command.indexOf("apt-get");
  if (at === -1) return [...command];
  const quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"];
  return [...command.slice(0, at), ...quiet, ...command.slice(at)];
}
