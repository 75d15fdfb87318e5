/** Shows the line of somebody's code that an error is about. */
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Lines shown before and after. */
const AROUND = 2;

/** At the end of a line of a stack, alone or in parentheses, which paths may have in them too. */
const PLACE = /(?:^|\()((?:file:\/\/|\/|[A-Za-z]:\\).*):(\d+):(\d+)\)?$/;

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The first place of a stack that is in code of this machine's user; nothing when there is none. */
export function frameOf(stack: string, directory: string): string | undefined {
  const place = stack.split("\n").map(toPlace).find(isOwnCode);
  if (!place) return undefined;
  const { file, line, column } = place;
  const lines = readFileSync(file, "utf8").split("\n");
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const width = String(last).length;
  const shown: string[] = [`${relative(directory, file)}:${line}:${column}`];
  for (let number = first; number <= last; number++) {
    const mark = number === line ? ">" : " ";
    shown.push(
      `  ${mark} ${String(number).padStart(width)} | ${lines[number - 1] ?? ""}`.trimEnd(),
    );
    if (number === line) {
      const indent = (lines[number - 1] ?? "").slice(0, column - 1).replaceAll(/[^\t]/g, " ");
      shown.push(`    ${" ".repeat(width)} | ${indent}^`);
    }
  }
  return shown.join("\n");
}

function toPlace(line: string): Place | undefined {
  const text = line.replace(/^\s*at\s+(?:async\s+)?/, "");
  const [, where, row, column] = PLACE.exec(text) ?? [];
  if (where === undefined) return undefined;
  const file = where.startsWith("file://") ? fileURLToPath(where) : where;
  return { file, line: Number(row), column: Number(column) };
}

function isOwnCode(place: Place | undefined): place is Place {
  if (!place || !isAbsolute(place.file)) return false;
  return !/[\\/]node_modules[\\/]/.test(place.file) && existsSync(place.file);
}
