/**
 * What a shell offers when a word is to be completed. The scripts of the shells, in `completion-scripts.ts`,
 * only hand on the words so far; all that is known of commands is known here.
 */
import { isGroup } from "./command.ts";
import type { Argument, Command, Flag, Group } from "./command.ts";
import { toFlagName } from "./parse.ts";

export interface Candidate {
  readonly word: string;
  readonly summary: string;
}

/** @param words all after the program's name; the last one is the one to complete, and may be empty. */
export function complete(root: Group, words: readonly string[]): readonly Candidate[] {
  const typed = words.at(-1) ?? "";
  let node: Command | Group = root;
  let at = 0;
  for (; at < words.length - 1 && isGroup(node); at++) {
    const next: Command | Group | undefined = node.commands.find(({ name }) => name === words[at]);
    if (!next) return [];
    node = next;
  }
  const offered = isGroup(node) ? commandsOf(node) : within(node, words.slice(at, -1), typed);
  return offered.filter(({ word }) => word.startsWith(typed));
}

function commandsOf(group: Group): readonly Candidate[] {
  return group.commands
    .filter((node) => isGroup(node) || !node.isHidden)
    .map(({ name, summary }) => ({ word: name, summary }));
}

function within(command: Command, before: readonly string[], typed: string): readonly Candidate[] {
  const flags = Object.entries(command.flags);
  const last = before.at(-1) ?? "";
  const [, asked] =
    flags.find(([key, flag]) => isValued(flag) && last === `--${toFlagName(key)}`) ?? [];
  if (asked) return choicesOf(asked);
  const [, inline] = /^(--[a-z-]+)=/.exec(typed) ?? [];
  if (inline !== undefined) {
    const [, flag] = flags.find(([key]) => inline === `--${toFlagName(key)}`) ?? [];
    return (flag ? choicesOf(flag) : []).map(({ word, summary }) => {
      return { word: `${inline}=${word}`, summary };
    });
  }
  if (typed.startsWith("-")) return [...flags.map(toCandidate), HELP];
  return choicesOf(argumentAt(command, before));
}

const HELP: Candidate = { word: "--help", summary: "say what it takes" };

function isValued({ value }: Flag<unknown>): boolean {
  return value !== undefined;
}

function toCandidate([key, flag]: readonly [string, Flag<unknown>]): Candidate {
  const negation = flag.isOnByDefault ? "no-" : "";
  return { word: `--${negation}${toFlagName(key)}`, summary: flag.summary };
}

/** The argument whose turn it is. */
function argumentAt(command: Command, before: readonly string[]): Argument<unknown> | undefined {
  const valued = new Set(
    Object.entries(command.flags)
      .filter(([, flag]) => isValued(flag))
      .map(([key]) => `--${toFlagName(key)}`),
  );
  const given = before.filter((word, at) => {
    return !word.startsWith("-") && !valued.has(before[at - 1] ?? "");
  });
  const args = Object.values(command.args);
  return args[given.length] ?? args.find(({ isRest }) => isRest);
}

function choicesOf(
  taken: { readonly choices?: readonly string[]; readonly summary: string } | undefined,
): readonly Candidate[] {
  return (taken?.choices ?? []).map((word) => ({ word, summary: "" }));
}
