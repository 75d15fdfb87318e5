/** Looking for a text in errors as they are stored. The case of ASCII letters makes no difference. */
import { toNamedMessage } from "./error-folding.ts";
import { decodeError } from "./payload.ts";
import type { Payload } from "./payload.ts";

/** Whether the error has the text in `name: message`, as `status()` shows them. */
export function errorMentions(stored: Payload, text: string): boolean {
  const thrown = decodeError(stored);
  const { name, message } = toNamedMessage(thrown);
  // What is no error is shown with a name that is not on record.
  const shown = thrown instanceof Error ? `${name}: ${message}` : message;
  return toLower(shown).includes(toLower(text));
}

/** A character that is stored as itself, whoever wrote the JSON. */
const PLAIN = /[a-z0-9 !#$%&'()*+,./;=?@[\]^_`{|}~-]+/g;

/**
 * A part of the text that the stored form of every error with it in its message has, in lower case: so that
 * most of the others need not be decoded. May be empty.
 */
export function plainPartOf(text: string): string {
  // Name and message are stored apart, without what is shown between them.
  const parts = toLower(text).replaceAll(/^ |: /g, "\n").match(PLAIN) ?? [];
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), "");
}

function toLower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
