/**
 * Packages that only bundlers can load: modules whose imports lack endings or name folders, JSON without
 * an import attribute, CommonJS whose exports Node does not see. Node says so before it runs anything.
 */
const CODES = new Set([
  // What Node 20 calls it, and what later ones do.
  "ERR_IMPORT_ASSERTION_TYPE_MISSING",
  "ERR_IMPORT_ATTRIBUTE_MISSING",
  "ERR_MODULE_NOT_FOUND",
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_DIR_IMPORT",
]);
const MISSING_EXPORT = /is a CommonJS module|does not provide an export/;
const PACKAGE = /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/](?!.*node_modules)/;

/** The names of the packages whose files an error of Node's loader is about. */
export function findUnloadablePackages(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code } = error as { readonly code?: unknown };
  const isOfLoader =
    CODES.has(String(code)) || (error instanceof SyntaxError && MISSING_EXPORT.test(error.message));
  if (!isOfLoader) return [];
  const paths = error.message.split(/['"\s]/);
  return [...new Set(paths.flatMap((path) => packageOf(path) ?? []))];
}

/** The package that a file belongs to; the innermost, when packages lie in packages. */
export function packageOf(path: string): string | undefined {
  return PACKAGE.exec(path)?.[1]?.replaceAll("\\", "/");
}
