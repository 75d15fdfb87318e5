/** An examination for people. */
import { dim, styled } from "../text.ts";
import type { Style, Text } from "../text.ts";
import type { Examination } from "./examine.ts";
import type { Finding, Level } from "./finding.ts";

const MARKS: Readonly<Record<Level, readonly [mark: string, style: Style]>> = {
  fine: ["ok", "green"],
  note: ["note", "blue"],
  warning: ["warning", "yellow"],
  problem: ["problem", "red"],
};

const MARK_WIDTH = 9;
const CHECK_WIDTH = 20;

export function reportOn({ findings }: Examination): Text[] {
  const lines = findings.flatMap(toLines);
  const count = (level: Level): number => findings.filter((each) => each.level === level).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const style = problems > 0 ? "red" : warnings > 0 ? "yellow" : "green";
  const summary = `${plural(problems, "problem")}, ${plural(warnings, "warning")}`;
  return [...lines, "", styled(style, problems + warnings === 0 ? "All is well" : summary)];
}

function toLines({ level, check, message, advice }: Finding): Text[] {
  const [mark, style] = MARKS[level];
  const line: Text = [styled(style, mark.padEnd(MARK_WIDTH)), check.padEnd(CHECK_WIDTH), message];
  if (advice === undefined) return [line];
  return [line, dim(`${" ".repeat(MARK_WIDTH + CHECK_WIDTH)}${advice}`)];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
