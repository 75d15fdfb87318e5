/**
 * Type-checks the examples in the documentation: what a reader copies must compile.
 *
 * A block that begins with an import is a module of its own; a block that does not goes on with the
 * module above it. What cannot compile is marked as such: three backquotes and `ts ignore`.
 */
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { listPages, readPage, ROOT } from "./pages.ts";

/** In the library's own package, so that examples find it by its name. */
const FOLDER = join(ROOT, "packages/bullmq-workflows/test/docs");

function extractModules(page: string): string[] {
  const modules: string[] = [];
  for (const [, block = ""] of readPage(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const above = modules.length - 1;
    if (block.startsWith("import ") || above < 0) modules.push(block);
    else modules[above] += `\n${block}`;
  }
  return modules;
}

function readOptions(): ts.CompilerOptions {
  const path = join(ROOT, "tsconfig.check.json");
  const config = ts.readConfigFile(path, (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT, undefined, path);
  // Readers do not have our strictest rules.
  return { ...options, noImplicitOverride: false, noPropertyAccessFromIndexSignature: false };
}

function check(modules: ReadonlyMap<string, string>): string[] {
  const options = readOptions();
  const host = ts.createCompilerHost(options);
  host.fileExists = (file) => modules.has(file) || ts.sys.fileExists(file);
  host.readFile = (file) => modules.get(file) ?? ts.sys.readFile(file);
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const diagnostics = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return diagnostics.map((diagnostic) => ts.formatDiagnostic(diagnostic, host));
  });
}

test("every example in the documentation compiles", { timeout: 120_000 }, () => {
  const modules = new Map<string, string>();
  for (const page of listPages()) {
    for (const [index, text] of extractModules(page).entries()) {
      modules.set(join(FOLDER, `${page.replaceAll("/", "-")}-${index + 1}.ts`), text);
    }
  }

  expect(modules.size).toBeGreaterThan(10);
  expect(check(modules)).toEqual([]);
});
