/** Everything a project's configuration says that means something here, checked. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readConfigFile } from "./config-file.ts";
import type { ConfigNode } from "./config-node.ts";
import { BINDING_KEYS, readOtherBindings } from "./other-bindings.ts";
import type { DeclaredBinding } from "./other-bindings.ts";
import { didYouMean } from "../suggest.ts";
import { Settings } from "./settings.ts";
import { readVars } from "./vars.ts";
import { readWorkflows } from "./workflow-config.ts";
import type { WorkflowConfig } from "./workflow-config.ts";

export interface ProjectConfig {
  readonly file: string;
  readonly directory: string;
  readonly environment: string | undefined;
  readonly scriptName: string | undefined;
  /** The entry point, absolute. */
  readonly main: string;
  readonly workflows: readonly WorkflowConfig[];
  readonly otherBindings: readonly DeclaredBinding[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly varsFile: string | undefined;
  /** Whether `process.env` shows the variables too. */
  readonly fillsProcessEnv: boolean;
  /** Constants and replaced modules, as the bundler takes them. */
  readonly define: Readonly<Record<string, string>>;
  readonly alias: Readonly<Record<string, string>>;
  readonly tsconfig: string | undefined;
  /** What is worth knowing, a sentence each. */
  readonly warnings: readonly string[];
}

/** What has an effect at Cloudflare or in wrangler and none here, and is no reason for a warning. */
const SILENT_KEYS = new Set([
  "$schema",
  "name",
  "main",
  "env",
  "vars",
  "workflows",
  "exports",
  "define",
  "alias",
  "tsconfig",
  "compatibility_date",
  "compatibility_flags",
  "account_id",
  "workers_dev",
  "preview_urls",
  "observability",
  "upload_source_maps",
  "minify",
  "keep_names",
  "dev",
  "send_metrics",
  "logpush",
  "placement",
  "limits",
  "migrations",
  "legacy_env",
  "keep_vars",
  "first_party_worker",
  "keep_bindings",
  "secrets",
  "build_id",
]);

const PROCESS_ENV_SINCE = "2025-04-01";

/** What a project may rely on, and would miss without being told. */
const ABSENCES: Readonly<Record<string, string>> = {
  triggers: "nothing calls `scheduled`; give a workflow `schedules` instead",
  tail_consumers: "there are no tail workers",
  streaming_tail_consumers: "there are no tail workers",
  containers: "there are no containers",
  route: "requests are served under every host name and path",
  routes: "requests are served under every host name and path",
  site: "static files are not served",
  build: "the command is not run; run it before",
  rules: "text, data and WebAssembly modules are known by their usual endings only",
  wasm_modules: "import the module instead",
  text_blobs: "import the file instead",
  data_blobs: "import the file instead",
};

/** @throws {@link ProjectError} `project.not_found`, `project.invalid_config`, `project.invalid_option` */
export async function readProjectConfig(
  givenDirectory: string,
  environment?: string,
): Promise<ProjectConfig> {
  const directory = resolve(givenDirectory);
  const root = await readConfigFile(directory);
  const settings = new Settings(root, environment);
  const { workflows, warnings } = readWorkflows(settings);
  const vars = await readVars(settings, directory);
  return {
    file: root.file,
    directory,
    environment,
    scriptName: settings.scriptName,
    main: readMain(settings.at("main")),
    workflows,
    otherBindings: readOtherBindings(settings),
    vars: vars.values,
    varsFile: vars.file,
    fillsProcessEnv: readFillsProcessEnv(settings),
    define: readTexts(settings.at("define")),
    alias: readTexts(settings.at("alias")),
    tsconfig: readTsconfig(settings.at("tsconfig"), directory),
    warnings: [...warnings, ...noteNotInherited(settings), ...noteAbsences(settings)],
  };
}

function readMain(node: ConfigNode): string {
  const path = resolve(dirname(node.file), node.text("the path of the project's entry point"));
  if (path.endsWith(".py")) node.fail("a JavaScript or TypeScript file; Python is not supported");
  if (!existsSync(path))
    throw node.error(`\`${node.path}\` leads to ${path}, which does not exist`);
  return path;
}

/** As at Cloudflare: with Node's modules, and from a compatibility date on unless it is switched off. */
function readFillsProcessEnv(settings: Settings): boolean {
  const flags = new Set(
    settings
      .at("compatibility_flags")
      .items()
      .map((flag) => flag.text()),
  );
  const date = settings.at("compatibility_date").optionalText() ?? "";
  if (flags.has("nodejs_compat_do_not_populate_process_env")) return false;
  if (flags.has("nodejs_compat_populate_process_env")) return true;
  return flags.has("nodejs_compat") && date >= PROCESS_ENV_SINCE;
}

function readTsconfig(node: ConfigNode, directory: string): string | undefined {
  const path = node.optionalText();
  return path && join(directory, path);
}

function readTexts(node: ConfigNode): Readonly<Record<string, string>> {
  return Object.fromEntries(node.entries().map(([key, value]) => [key, value.text()]));
}

function noteNotInherited(settings: Settings): string[] {
  return settings.notInherited.map(
    (key) =>
      `\`${key}\` is set at the top level but not in \`env.${settings.environment}\`, ` +
      "which does not inherit it",
  );
}

function unknownKey(key: string, known: ReadonlySet<string>): string {
  return `it is not known.${didYouMean(key, [...known, ...Object.keys(ABSENCES)])}`;
}

function noteAbsences(settings: Settings): string[] {
  const known = new Set([...SILENT_KEYS, ...BINDING_KEYS]);
  const notes = settings.keys
    .filter((key) => !known.has(key) && !settings.at(key).isAbsent)
    .map((key) => `\`${key}\` has no effect here: ${ABSENCES[key] ?? unknownKey(key, known)}`);
  const consumers = settings.at("queues").at("consumers");
  if (consumers.items().length > 0) notes.push(`\`${consumers.path}\`: nothing calls \`queue\``);
  return notes;
}
