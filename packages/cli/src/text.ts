/**
 * What is written to a terminal: plain text, and pieces of it that have a style.
 *
 * Names, outputs and errors come from anywhere, and a terminal obeys what it is sent: it would move its
 * cursor, rename its window or type for its user. So no string reaches it as it is. Styles are not part of
 * strings; they are put in last, by {@link toAnsi}, when everything else has been made harmless.
 */
export type Text = string | Styled | readonly Text[];

export interface Styled {
  readonly style: Style;
  readonly text: Text;
}

/** How each begins and ends. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof STYLES;

export function styled(style: Style, text: Text): Styled {
  return { style, text };
}

export function bold(text: Text): Styled {
  return styled("bold", text);
}

export function dim(text: Text): Styled {
  return styled("dim", text);
}

/** Without styles, and harmless. */
export function toPlain(text: Text): string {
  if (typeof text === "string") return harmless(text);
  return isList(text) ? text.map(toPlain).join("") : toPlain(text.text);
}

/** With styles, and harmless otherwise. */
export function toAnsi(text: Text): string {
  if (typeof text === "string") return harmless(text);
  if (isList(text)) return text.map(toAnsi).join("");
  const [begin, end] = STYLES[text.style];
  return `\u001B[${begin}m${toAnsi(text.text)}\u001B[${end}m`;
}

/** Control characters, what turns the direction of writing, and line ends that are none in a terminal. */
const HARMFUL = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Shows what a terminal would obey as an escape, such as `\x1b`. Lines and tabs stay. */
export function harmless(text: string): string {
  return text.replace(HARMFUL, (found) =>
    found === "\n" || found === "\t" ? found : escape(found),
  );
}

/** The same for what has to stay in one line: a name, a cell of a table. */
export function oneLine(text: string): string {
  return text.replace(HARMFUL, escape);
}

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escape(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return NAMED[found] ?? (code < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
}

/** JSON in which nothing is left that a terminal obeys; it reads back as the same value. */
export function toJson(value: unknown): string {
  return escapeJson(JSON.stringify(value, null, 2) ?? "null");
}

/** The same in one line. */
export function toJsonLine(value: unknown): string {
  return escapeJson(JSON.stringify(value) ?? "null");
}

/** JSON escapes what is below a space by itself; line ends are then those of its own layout. */
function escapeJson(text: string): string {
  return text.replace(HARMFUL, (found) =>
    found === "\n" ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const SEGMENTS = new Intl.Segmenter();

/** Emoji, and the letters of East Asia. */
const WIDE =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}]/u;

/** How many columns of a terminal the text takes, as far as one can tell. */
export function widthOf(text: Text): number {
  const plain = toPlain(text);
  // Most texts are of a kind for which counting is enough.
  if (/^[ -~]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of SEGMENTS.segment(plain)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Cut to the width, with a sign that something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  for (const { segment } of SEGMENTS.segment(text)) {
    if (widthOf(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

function isList(text: Exclude<Text, string>): text is readonly Text[] {
  return Array.isArray(text);
}
