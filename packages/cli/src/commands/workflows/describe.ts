import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument } from "../../flags.ts";
import { labels } from "../../table.ts";
import type { Text } from "../../text.ts";
import type { Version, Workflow } from "@bullmq-workflows/client";
import { statusWords, timeWords } from "../../views/words.ts";

export const describe: Command = apiCommand({
  name: "describe",
  summary: "Says what there is to know of a workflow, and how its instances are",
  args: { name: argument("the workflow") },
  examples: [{ line: "workflows describe orders", summary: "one of them" }],
  execute: async ({ api, args, show }) => {
    const path = { workflow_name: args.name };
    const workflow = await api.call("getWorkflow", { path });
    const versions = await api.call("listVersions", { path });
    const [latest = null] = versions;
    show({ ...workflow, latest_version: latest }, () => describeWorkflow(workflow, latest));
  },
});

function describeWorkflow(workflow: Workflow, version: Version | null): Text[] {
  const counts = Object.entries(workflow.instances).filter(([, count]) => count > 0);
  return [
    ...labels([
      ["Name", workflow.name],
      ["Id", workflow.id],
      ["Script Name", workflow.script_name],
      ["Class Name", workflow.class_name],
      ["Created On", timeWords(workflow.created_on)],
      ["Modified On", timeWords(workflow.modified_on)],
      ["Triggered On", timeWords(workflow.triggered_on)],
    ]),
    "",
    "Instances:",
    ...(counts.length === 0 ? ["  none"] : []),
    ...counts.map(([status, count]): Text => [
      `  ${String(count).padStart(8)}  `,
      statusWords(status),
    ]),
    ...(version ? ["", "Latest Version:", ...labels(versionLabels(version))] : []),
  ];
}

function versionLabels(version: Version): readonly (readonly [string, Text])[] {
  return [
    ["Id", version.id],
    ["Created On", timeWords(version.created_on)],
    ["Modified On", timeWords(version.modified_on)],
  ];
}
