/** A Lua script as the generator emits it: scripts.generated.ts is a list of these. */

export type ScriptValue = string | number;

export interface Script<Args> {
  readonly name: string;
  readonly sha1: string;
  readonly lua: string;
  /** The arguments in the order in which the script reads them. */
  readonly encode: (args: Args) => readonly ScriptValue[];
}

/** A list argument: its length, then its items. */
export function encodeList(items: readonly ScriptValue[]): readonly ScriptValue[] {
  return [items.length, ...items];
}

/** What Redis answers, before it is decoded. */
export type Reply = string | number | null | readonly Reply[];
