/**
 * Turns src/redis/scripts/*.lua into src/redis/scripts.generated.ts.
 *
 * A script's header is its contract: `@keys tag` (always one: the rest is built from it), `@args`
 * (each becomes a local of that name; `name[]` is a list), `@returns`, and `@include` of libs. Of the
 * included libs only the declarations a script reaches are put in front of it. A name nobody declares,
 * an unused argument or include, a file that is too long: each is an error here, not at run time.
 *
 * A script is written for one item and runs for a batch of them: its text becomes a function, called for
 * each item in turn, and what the libs compute once (the time, the names of keys) serves all.
 *
 * Usage: node generate-lua.mjs [--check] [folder of scripts.generated.ts]. With --check nothing is
 * written, and it fails when the file is stale.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import luaparse from "luaparse";

const MAX_SCRIPT_LINES = 120;
const MAX_LIB_LINES = 40;
const BUILT_IN = new Set(
  "redis KEYS ARGV cjson cmsgpack math string table error ipairs pairs pcall tonumber tostring type unpack".split(
    " ",
  ),
);

const { values, positionals } = parseArgs({
  options: { check: { type: "boolean" } },
  allowPositionals: true,
});
const root = positionals[0]
  ? pathToFileURL(`${positionals[0]}/`)
  : new URL("../src/redis/", import.meta.url);
const folder = new URL("scripts/", root);
const output = new URL("scripts.generated.ts", root);

if (!values.check) {
  writeFileSync(output, generate());
} else if (readFileSync(output, "utf8") !== generate()) {
  throw new Error("scripts.generated.ts is stale: run `npm run generate`");
}

function generate() {
  const libs = new Map(luaNames("lib/").map((name) => [name, readLib(name)]));
  const scripts = luaNames("").map((name) => assemble(name, libs));
  return [
    "// Generated from scripts/*.lua by `npm run generate`. Do not edit.",
    'import type { Script, ScriptValue } from "./script.ts";',
    ...scripts.map(print),
  ].join("\n\n");
}

function luaNames(subfolder) {
  const files = readdirSync(new URL(subfolder || ".", folder)).filter((file) =>
    file.endsWith(".lua"),
  );
  return files.toSorted().map((file) => file.slice(0, -".lua".length));
}

function readSource(path, maxLines) {
  const source = readFileSync(new URL(`${path}.lua`, folder), "utf8");
  check(source.split("\n").length - 1 <= maxLines, path, `is longer than ${maxLines} lines`);
  const tags = (tag) =>
    [...source.matchAll(new RegExp(`^--- @${tag} (.+)$`, "gm"))].map((match) =>
      match[1].split(" "),
    );
  return { source, header: (tag) => tags(tag).flat(), code: source.replaceAll(/^---.*\n/gm, "") };
}

/** A lib is a list of declarations: what each is called, its text, and the names it reads. */
function readLib(name) {
  const { code, header } = readSource(`lib/${name}`, MAX_LIB_LINES);
  const declarations = parse(name, code).body.map((node) => {
    const isLocal =
      node.type === "LocalStatement" || (node.type === "FunctionDeclaration" && node.isLocal);
    check(isLocal, name, "may only declare locals");
    const names = (node.variables ?? [node.identifier]).map((variable) => variable.name);
    return { names, text: code.slice(...node.range) };
  });
  return { includes: header("include"), declarations };
}

function assemble(name, libs) {
  const { code, header } = readSource(name, MAX_SCRIPT_LINES);
  const args = header("args").map((arg) => ({
    name: arg.replace("[]", ""),
    isList: arg.endsWith("[]"),
  }));
  check(header("keys").join() === "tag", name, "must have `@keys tag`");
  check(header("returns").length > 0, name, "must say what it returns");
  check(!code.includes("ARGV") && !code.includes("KEYS"), name, "must read its arguments by name");

  const included = expand([...header("include"), "batch"], libs);
  const body = `local function run(item)\n${printArguments(args)}${code}end\nreturn runBatch(run)\n`;
  const used = reach(
    name,
    body,
    [...included].flatMap((lib) => libs.get(lib).declarations),
  );
  for (const lib of header("include")) {
    const isUsed = libs.get(lib).declarations.some((declaration) => used.includes(declaration));
    check(isUsed, name, `includes ${lib} without using it`);
  }
  const lua = [...used.map((declaration) => declaration.text), body].join("\n");
  for (const free of freeNames(name, lua))
    check(BUILT_IN.has(free), name, `does not know "${free}"`);
  const read = freeNames(name, code);
  for (const arg of args)
    check(read.has(arg.name), name, `does not use its argument "${arg.name}"`);
  return { name, args, lua };
}

/** The libs in an order in which each follows those it includes. */
function expand(names, libs, seen = new Set()) {
  for (const name of names) {
    check(libs.has(name), name, "is included, but is not in lib/");
    if (!seen.has(name)) expand(libs.get(name).includes, libs, seen).add(name);
  }
  return seen;
}

/** The declarations that the code needs, directly or through others, in their order. */
function reach(name, code, declarations) {
  const needed = freeNames(name, code);
  const used = [];
  for (const declaration of declarations.toReversed()) {
    if (!declaration.names.some((declared) => needed.has(declared))) continue;
    used.unshift(declaration);
    for (const other of freeNames(name, declaration.text)) needed.add(other);
  }
  return used;
}

function freeNames(name, code) {
  return new Set(parse(name, code).globals.map((node) => node.name));
}

function parse(name, code) {
  try {
    return luaparse.parse(code, { ranges: true, scope: true, luaVersion: "5.1" });
  } catch (error) {
    throw new Error(`"${name}" is not Lua: ${error.message}`, { cause: error });
  }
}

/** An item of a batch is the list of a call's arguments. */
function printArguments(args) {
  return args.map(({ name }, index) => `local ${name} = item[${index + 1}]\n`).join("");
}

function print({ name, args, lua }) {
  const camel = name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const type = `${camel[0].toUpperCase()}${camel.slice(1)}Args`;
  const fields = args.map(
    (arg) => `  readonly ${arg.name}: ${arg.isList ? "readonly ScriptValue[]" : "ScriptValue"};\n`,
  );
  const values = args.map((arg) => `args.${arg.name}`);
  return `export interface ${type} {
${fields.join("")}}

export const ${camel}: Script<${type}> = {
  name: "${name}",
  sha1: "${createHash("sha1").update(lua).digest("hex")}",
  encode: (args) => [${values.join(", ")}],
  lua: \`${lua.replaceAll(/[\\`$]/g, String.raw`\$&`)}\`,
};
`;
}

function check(condition, what, complaint) {
  if (!condition) throw new Error(`${JSON.stringify(what)} ${complaint}`);
}
