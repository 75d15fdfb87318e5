/**
 * What devalue does not know, taught to it: errors, Buffers, and objects and arrays with keys that it
 * would refuse (`__proto__`) or drop (properties beside an array's items).
 *
 * A type is written as a record of plain parts. On the way back, a record in a cycle is asked for before
 * it is complete, so every record first becomes an empty object of its type, once, and all are filled
 * when the whole value has been read.
 */
import { fillError, setOwn } from "./error-value.ts";
import type { ErrorRecord, ErrorTypes } from "./error-value.ts";
import { isIndex } from "./payload-check.ts";
import { kindOf, STORED_AS_PLAIN } from "./payload-kind.ts";

/** `[base, key, value, key, value, …]`; the base is an array's length, or says what the object is. */
type EntriesRecord = [base: "object" | "null" | number, ...keysAndValues: unknown[]];

/** By type name: the record of a value of that type, `undefined` for any other value. */
export type Reducers = Record<string, (value: unknown) => object | undefined>;

/** By type name: the value for a record. */
export type Revivers = Record<string, (record: unknown) => unknown>;

export function createReducers(errors: ErrorTypes): Reducers {
  return {
    Error: (value) => {
      if (!isObject(value) || kindOf(value) !== "Error") return undefined;
      return errors.toRecord(value as Error);
    },
    Buffer: (value) => (Buffer.isBuffer(value) ? Uint8Array.from(value) : undefined),
    Entries: (value) => (isObject(value) && needsEntries(value) ? toEntries(value) : undefined),
  };
}

/** Revivers for one value; `finish` must be called when devalue is done with it. */
export function createRevivers(errors: ErrorTypes): { revivers: Revivers; finish: () => void } {
  const errorShells = new Map<ErrorRecord, Error>();
  const entriesShells = new Map<EntriesRecord, object>();
  const revivers: Revivers = {
    Error: (record) => once(errorShells, record as ErrorRecord, (of) => errors.createShell(of)),
    Buffer: (bytes) => Buffer.from((bytes as Uint8Array).buffer),
    Entries: (record) => once(entriesShells, record as EntriesRecord, entriesShell),
  };
  const finish = (): void => {
    // Entries first, as an error's record may have its properties in such an object.
    for (const [record, shell] of entriesShells) fillEntries(shell, record);
    for (const [record, shell] of errorShells) fillError(shell, record);
  };
  return { revivers, finish };
}

function once<K, V>(values: Map<K, V>, key: K, create: (key: K) => V): V {
  const known = values.get(key);
  if (known !== undefined) return known;
  const created = create(key);
  values.set(key, created);
  return created;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function needsEntries(value: object): boolean {
  if (!Array.isArray(value)) {
    const isUnusual = Object.hasOwn(value, "__proto__") || STORED_AS_PLAIN in value;
    return isUnusual && kindOf(value) === "Object";
  }
  // Indices come first among an array's keys, so its last key tells whether there are others.
  const last = Object.keys(value).at(-1);
  return last !== undefined && !isIndex(last);
}

function toEntries(value: object): EntriesRecord {
  const record: EntriesRecord = [baseOf(value)];
  for (const key of Object.keys(value)) record.push(key, Reflect.get(value, key));
  return record;
}

function baseOf(value: object): EntriesRecord[0] {
  if (Array.isArray(value)) return value.length;
  return Object.getPrototypeOf(value) === null ? "null" : "object";
}

function entriesShell([base]: EntriesRecord): object {
  if (typeof base === "number") return [];
  return base === "null" ? Object.create(null) : {};
}

function fillEntries(shell: object, [base, ...keysAndValues]: EntriesRecord): void {
  for (let at = 0; at < keysAndValues.length; at += 2) {
    setOwn(shell, String(keysAndValues[at]), keysAndValues[at + 1]);
  }
  // Last, as the holes at the end of an array are only in its length.
  if (Array.isArray(shell)) shell.length = Number(base);
}
