/**
 * The OpenAPI document as a page: plain HTML with one style sheet in it, whose digest is all that its
 * Content-Security-Policy allows. It has no script, and loads nothing.
 */
import { createHash } from "node:crypto";
import { METHODS } from "./document.ts";
import type { DocumentedOperation, DocumentedParameter, OpenApiDocument } from "./document.ts";
import type { DocumentedResponse, Reference } from "./responses.ts";
import { toTypeText } from "./type-text.ts";

const STYLE = `
:root{color-scheme:light dark;--line:#8885;--soft:#8882;--accent:#0a66c2}
@media (prefers-color-scheme:dark){:root{--accent:#6cb2ff}}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1,h2,h3{line-height:1.2}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
a{color:var(--accent)}code,pre{font:0.9em/1.45 ui-monospace,monospace}
pre{background:var(--soft);padding:.75rem;overflow-x:auto;border-radius:.4rem}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.5rem .75rem}
summary{cursor:pointer;overflow-wrap:anywhere}summary b{display:inline-block;min-width:4.2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid var(--line)}
nav a{margin-right:1rem}
`;

/** For the policy under which the page is served. */
export const STYLE_HASH: string = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;

export function toReferencePage(document: OpenApiDocument): string {
  const { info, servers, tags, components } = document;
  const sections = tags.map(({ name }) => toSection(name, document));
  const schemas = Object.entries(components.schemas).map(
    ([id, schema]) =>
      `<details id="schema-${escape(id)}"><summary><b>${escape(id)}</b></summary>${code(toTypeText(schema))}</details>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title)} API</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(info.title)} API <small>${escape(info.version)}</small></h1>
${toProse(info.description)}
<p>Paths begin with <code>${escape(servers[0]?.url ?? "/")}</code>. For programs: <a href="openapi.json">openapi.json</a>.</p>
<nav>${tags.map(({ name }) => `<a href="#${toId(name)}">${escape(name)}</a>`).join("")}<a href="#schemas">Schemas</a></nav>
${sections.join("\n")}
<h2 id="schemas">Schemas</h2>
${schemas.join("\n")}
</body>
</html>
`;
}

function toSection(tag: string, document: OpenApiDocument): string {
  const entries = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation?.tags.includes(tag)) return [];
      return [toEntry({ method, path, operation }, document)];
    }),
  );
  return `<h2 id="${toId(tag)}">${escape(tag)}</h2>\n${entries.join("\n")}`;
}

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: DocumentedOperation;
}

function toEntry({ method, path, operation }: Entry, document: OpenApiDocument): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const body = requestBody?.content["application/json"].schema;
  return `<details id="${escape(operationId)}">
<summary><b>${method.toUpperCase()}</b> <code>${escape(path)}</code> ${escape(summary)}</summary>
<p><code>${escape(operationId)}</code></p>
${toProse(description)}
${toParameterTable(parameters)}
${body ? `<h4>Body</h4>${code(toTypeText(body))}` : ""}
<h4>Answers</h4>
${Object.entries(responses)
  .map(([status, response]) => toAnswer(status, response, document))
  .join("\n")}
</details>`;
}

function toParameterTable(parameters: readonly DocumentedParameter[]): string {
  if (parameters.length === 0) return "";
  const rows = parameters.map(
    ({ name, in: place, required, description = "", schema }) =>
      `<tr><td><code>${escape(name)}</code>${required ? "" : "?"}</td><td>${place}</td><td><code>${escape(toTypeText(schema))}</code></td><td>${toInline(description)}</td></tr>`,
  );
  return `<h4>Parameters</h4><table><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr>${rows.join("")}</table>`;
}

function toAnswer(
  status: string,
  response: DocumentedResponse | Reference,
  { components }: OpenApiDocument,
): string {
  if ("$ref" in response) {
    const id = response.$ref.slice(response.$ref.lastIndexOf("/") + 1);
    const { description = "" } = components.responses[id] ?? {};
    return `<details><summary><b>${status}</b> ${escape(id)}</summary>${toProse(description)}</details>`;
  }
  const contents = Object.entries(response.content ?? {}).map(
    ([mediaType, { schema }]) =>
      `<p><code>${escape(mediaType)}</code></p>${code(toTypeText(schema))}`,
  );
  return `<p><b>${status}</b> ${toInline(response.description)}</p>${contents.join("")}`;
}

/** Paragraphs, lists and code: all that descriptions have of Markdown. */
function toProse(text: string): string {
  const blocks = text.split("\n\n").map((block) => {
    if (!block.startsWith("- ")) return `<p>${toInline(block)}</p>`;
    const items = block.split("\n").map((line) => `<li>${toInline(line.slice(2))}</li>`);
    return `<ul>${items.join("")}</ul>`;
  });
  return blocks.join("\n");
}

function toInline(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function code(text: string): string {
  return `<pre><code>${escape(text)}</code></pre>`;
}

function toId(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
