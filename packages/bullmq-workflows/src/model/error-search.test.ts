import fc from "fast-check";
import { expect, test } from "vitest";
import { errorMentions, plainPartOf } from "./error-search.ts";
import { encodeError } from "./payload.ts";

test("an error is found by any part of its name and message, whatever the case of ASCII letters", () => {
  const stored = encodeError(new TypeError('Card "4711" <declined>\nby ÄBank'));

  for (const text of ["typeerror: card", '"4711" <DECLINED>', "declined>\nby Ä", "bank", ""]) {
    expect(errorMentions(stored, text)).toBe(true);
  }
  for (const text of ["rangeerror", "äbank", "card  ", "error-search.test"]) {
    expect(errorMentions(stored, text)).toBe(false);
  }
});

test("what was thrown and is no error is found by what it is", () => {
  expect(errorMentions(encodeError("no card"), "CARD")).toBe(true);
  expect(errorMentions(encodeError("no card"), "Error")).toBe(false);
});

/** Otherwise the part would rule out what the whole is in. */
test("the plain part of a text is in the stored form of every error that has the text", () => {
  const message = fc.string({ unit: "binary", maxLength: 200 });
  const place = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 200 }));
  const toError = fc.constantFrom(
    (text: string): unknown => new Error(text),
    (text: string): unknown => Object.assign(new RangeError("x"), { name: text }),
    (text: string): unknown => text,
  );
  fc.assert(
    fc.property(message, place, toError, (text, [from, length], wrap) => {
      const thrown = wrap(text);
      const stored = encodeError(thrown);
      const part = String(thrown).slice(from, from + length);
      fc.pre(errorMentions(stored, part));
      const lower = stored.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
      expect(lower).toContain(plainPartOf(part));
    }),
    { numRuns: 2_000 },
  );
});
