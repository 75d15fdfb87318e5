/** A Lua script as the generator emits it: scripts.generated.ts is a list of these. */

export type ScriptValue = string | number | Uint8Array;

/** The arguments of one call, in the order in which the script reads them. */
export type ScriptArguments = readonly (ScriptValue | readonly ScriptValue[])[];

export interface Script<Args> {
  readonly name: string;
  readonly sha1: string;
  readonly lua: string;
  readonly encode: (args: Args) => ScriptArguments;
}

/** What a script answers to one call, before it is decoded. What Lua does not have is `null`. */
export type Reply = string | number | boolean | null | Uint8Array | readonly Reply[];
