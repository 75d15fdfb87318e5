/** What somebody may have meant who wrote something that there is not. */

/** The nearest of what there is, when it is near enough to be meant. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  // As many changes as letters would make any word of any other.
  const limit = Math.min(given.length - 1, Math.max(1, Math.floor(given.length / 3)));
  const [best] = known
    .map((word) => ({ word, distance: distanceOf(given.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, distance }) => distance <= limit || isBeginning(given, word))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.word;
}

export function didYouMean(given: string, known: readonly string[]): string {
  const word = nearest(given, known);
  return word === undefined ? "" : ` Did you mean "${word}"?`;
}

function isBeginning(given: string, word: string): boolean {
  return given.length >= 3 && word.startsWith(given);
}

/** Letters to insert, remove, exchange or swap with their neighbor. */
function distanceOf(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      line.push(
        Math.min(
          last[column]! + 1,
          line[column - 1]! + 1,
          last[column - 1]! + (isSame ? 0 : 1),
          isSwapped ? before[column - 2]! + 1 : Infinity,
        ),
      );
    }
    [before, last] = [last, line];
  }
  return last.at(-1)!;
}
