/** What a project says of its workflows, in `workflows[]` and under `exports`. */
import type { ConfigNode } from "./config-node.ts";
import type { Settings } from "./settings.ts";

export interface WorkflowConfig {
  /** Where it is declared, for messages. */
  readonly declaredAt: ConfigNode;
  readonly name: string;
  readonly className: string;
  /** Its name in `env`; a workflow under `exports` needs none. */
  readonly binding?: string;
  /** Present when another Worker runs it. */
  readonly externalScript?: string;
  readonly stepLimit?: number;
  readonly concurrencyLimit?: number;
  readonly schedules?: readonly string[];
  readonly retention?: {
    readonly successRetention?: string | number;
    readonly errorRetention?: string | number;
  };
}

export interface WorkflowConfigs {
  readonly workflows: readonly WorkflowConfig[];
  readonly warnings: readonly string[];
}

const NAME_RULE = "1 to 64 letters, digits, - and _, not starting with -";
const MAX_LENGTH = 255;
const PRODUCTION_STEP_LIMIT = 25_000;
const JURISDICTIONS = ["eu", "fedramp", "us"];
const SETTING_KEYS = ["limits", "concurrency", "schedules", "default_retention", "jurisdiction"];
const BINDING_FORM_KEYS = ["binding", "name", "class_name", "script_name", ...SETTING_KEYS];
const EXPORT_FORM_KEYS = ["type", "name", ...SETTING_KEYS];

/** @throws {@link ProjectError} `project.invalid_config` */
export function readWorkflows(settings: Settings): WorkflowConfigs {
  const warnings: string[] = [];
  const bound = settings
    .at("workflows")
    .items()
    .map((node) => readBindingForm(node, settings.scriptName, warnings));
  checkUnique(bound, "name");
  checkUnique(bound, "binding");
  const exported = settings
    .at("exports")
    .entries()
    .flatMap(([className, node]) => readExportForm(className, node, warnings));
  checkUnique(exported, "name");
  return { workflows: merge(bound, exported), warnings };
}

function readBindingForm(
  node: ConfigNode,
  ownScript: string | undefined,
  warnings: string[],
): WorkflowConfig {
  noteUnknownKeys(node, BINDING_FORM_KEYS, warnings);
  const scriptName = node.at("script_name");
  const script = scriptName.isAbsent ? undefined : readShortText(scriptName);
  const identity = {
    declaredAt: node,
    binding: node.at("binding").text(),
    name: readName(node.at("name")),
    className: readShortText(node.at("class_name")),
  };
  if (script === undefined || script === ownScript) {
    return { ...identity, ...readSettings(node, warnings) };
  }
  const setting = SETTING_KEYS.find((key) => node.has(key));
  if (setting === undefined) return { ...identity, externalScript: script };
  throw node
    .at(setting)
    .error(
      `\`${node.at(setting).path}\` cannot be set, as \`${node.path}\` references external script ` +
        `"${script}": set it there`,
    );
}

function readExportForm(
  className: string,
  node: ConfigNode,
  warnings: string[],
): readonly WorkflowConfig[] {
  if (node.at("type").value !== "workflow") return [];
  noteUnknownKeys(node, EXPORT_FORM_KEYS, warnings);
  const name = readName(node.at("name"));
  return [{ declaredAt: node, name, className, ...readSettings(node, warnings) }];
}

type WorkflowSettings = Pick<
  WorkflowConfig,
  "stepLimit" | "concurrencyLimit" | "schedules" | "retention"
>;

function readSettings(node: ConfigNode, warnings: string[]): WorkflowSettings {
  noteUnknownKeys(node.at("limits"), ["steps"], warnings);
  noteUnknownKeys(node.at("concurrency"), ["limit"], warnings);
  const stepLimit = node.at("limits").at("steps").optionalCount(1);
  const concurrencyLimit = node.at("concurrency").at("limit").optionalCount(1);
  const schedules = readSchedules(node.at("schedules"));
  const retention = readRetention(node.at("default_retention"), warnings);
  noteStepLimit(node, stepLimit, warnings);
  noteJurisdiction(node.at("jurisdiction"), warnings);
  return {
    ...(stepLimit !== undefined && { stepLimit }),
    ...(concurrencyLimit !== undefined && { concurrencyLimit }),
    ...(schedules && { schedules }),
    ...(retention && { retention }),
  };
}

function noteStepLimit(node: ConfigNode, limit: number | undefined, warnings: string[]): void {
  if (limit === undefined || limit <= PRODUCTION_STEP_LIMIT) return;
  const { path } = node.at("limits").at("steps");
  warnings.push(
    `\`${path}\` exceeds the production maximum of 25,000 (${limit}); it holds here, not at Cloudflare`,
  );
}

function noteJurisdiction(node: ConfigNode, warnings: string[]): void {
  if (node.isAbsent) return;
  const rule = `one of ${JURISDICTIONS.map((each) => `"${each}"`).join(", ")}`;
  node.text(rule, (text) => JURISDICTIONS.includes(text));
  warnings.push(`\`${node.path}\` has no effect here: data lies where your Redis is`);
}

function readSchedules(node: ConfigNode): readonly string[] | undefined {
  if (node.isAbsent) return undefined;
  const rule = "a cron expression, or a list of at least one";
  if (typeof node.value === "string") return [node.text(rule, isNotBlank)];
  if (!Array.isArray(node.value) || node.value.length === 0) return node.fail(rule);
  return node.items().map((item) => item.text("a cron expression", isNotBlank));
}

function isNotBlank(text: string): boolean {
  return text.trim() !== "";
}

function readRetention(node: ConfigNode, warnings: string[]): WorkflowConfig["retention"] {
  if (node.isAbsent) return undefined;
  noteUnknownKeys(node, ["success_retention", "error_retention"], warnings);
  const successRetention = readRetentionTime(node.at("success_retention"));
  const errorRetention = readRetentionTime(node.at("error_retention"));
  return {
    ...(successRetention !== undefined && { successRetention }),
    ...(errorRetention !== undefined && { errorRetention }),
  };
}

function readRetentionTime(node: ConfigNode): string | number | undefined {
  if (node.isAbsent) return undefined;
  if (typeof node.value === "number") return node.count(1);
  return node.text('whole milliseconds or a duration like "3 days"');
}

function readName(node: ConfigNode): string {
  return node.text(NAME_RULE, (text) => /^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,63}$/.test(text));
}

function readShortText(node: ConfigNode): string {
  const rule = `a text of 1 to ${MAX_LENGTH} characters`;
  return node.text(rule, (text) => text !== "" && text.length <= MAX_LENGTH);
}

function noteUnknownKeys(node: ConfigNode, known: readonly string[], warnings: string[]): void {
  warnings.push(...node.noteUnknownKeys(known));
}

function checkUnique(configs: readonly WorkflowConfig[], key: "name" | "binding"): void {
  const seen = new Map<string | undefined, WorkflowConfig>();
  for (const config of configs) {
    const other = seen.get(config[key]);
    if (other) {
      const { path } = config.declaredAt;
      const word = key === "name" ? "workflow name" : "binding";
      const places = `\`${other.declaredAt.path}\` and \`${path}\``;
      throw config.declaredAt.error(`${places} have the same ${word}, "${String(config[key])}"`);
    }
    seen.set(config[key], config);
  }
}

/** A binding may be to a workflow that `exports` declares: then both speak of the same one. */
function merge(
  bound: readonly WorkflowConfig[],
  exported: readonly WorkflowConfig[],
): WorkflowConfig[] {
  const own = bound.map((config) => {
    const same = exported.find(({ name }) => name === config.name);
    if (!same || config.externalScript !== undefined) return config;
    if (same.className === config.className) return { ...same, ...config };
    throw config.declaredAt.error(
      `\`${config.declaredAt.path}\` and \`${same.declaredAt.path}\` give the workflow ` +
        `"${config.name}" two classes, ${config.className} and ${same.className}`,
    );
  });
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...exported.filter(({ name }) => !names.has(name))];
}
