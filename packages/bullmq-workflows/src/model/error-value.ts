/**
 * An error taken apart and put together again.
 *
 * All own properties are kept, enumerable or not. The class is kept when it is a built-in one or in the
 * table of known classes; an error of any other class comes back as its nearest known ancestor, with its
 * `name`. Constructors are never called: they have parameters of their own, and may do anything.
 */

/** A class of errors; only its prototype is used. */
export interface ErrorClass {
  readonly prototype: Error;
}

/** Classes whose instances come back as such, under the names by which they are stored. */
export type ErrorClasses = Readonly<Record<string, ErrorClass>>;

/** An error as data. `type` comes first: whoever rebuilds it in a cycle has only the first keys. */
export interface ErrorRecord {
  readonly type: string;
  name?: unknown;
  message?: unknown;
  /** Own properties that are not enumerable: `stack`, `cause`, `errors`. */
  hidden?: object;
  /** Own properties that are enumerable. */
  own?: object;
}

const BUILT_IN_CLASSES: ErrorClasses = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  DOMException,
};

/** Takes errors of some classes apart and puts them together. */
export class ErrorTypes {
  readonly #prototypeOf: ReadonlyMap<string, Error>;
  readonly #typeOf: ReadonlyMap<object, string>;

  constructor(classes: ErrorClasses) {
    const all = Object.entries({ ...classes, ...BUILT_IN_CLASSES });
    this.#prototypeOf = new Map(all.map(([type, { prototype }]) => [type, prototype]));
    this.#typeOf = new Map(all.map(([type, { prototype }]) => [prototype, type]));
  }

  toRecord(error: Error): ErrorRecord {
    const type = this.typeOf(error);
    const record: ErrorRecord = { type };
    const ancestor = this.#prototypeOf.get(type);
    for (const key of ["name", "message"] as const) {
      // What an instance of the class has anyway is not kept. A DOMException has both in hidden slots.
      if (Object.hasOwn(error, key) || type === "DOMException" || error[key] !== ancestor?.[key]) {
        record[key] = error[key];
      }
    }
    const hidden = {};
    const own = {};
    for (const key of Object.getOwnPropertyNames(error)) {
      const isOwn = Object.prototype.propertyIsEnumerable.call(error, key);
      if (isOwn) setOwn(own, key, Reflect.get(error, key));
      else if (key !== "name" && key !== "message") setOwn(hidden, key, Reflect.get(error, key));
    }
    if (Object.keys(hidden).length > 0) record.hidden = hidden;
    if (Object.keys(own).length > 0) record.own = own;
    return record;
  }

  /** An empty error of the record's class, to be given its properties by {@link fillError}. */
  createShell(record: ErrorRecord): Error {
    if (record.type === "DOMException") {
      return new DOMException(String(record.message), String(record.name));
    }
    const shell = new Error();
    const prototype = this.#prototypeOf.get(record.type) ?? Error.prototype;
    return prototype === Error.prototype ? shell : Object.setPrototypeOf(shell, prototype);
  }

  /** The name of the nearest known class that an error is an instance of. */
  typeOf(error: Error): string {
    let prototype: object | null = Object.getPrototypeOf(error);
    while (prototype !== null) {
      const type = this.#typeOf.get(prototype) ?? this.#declaredType(prototype);
      if (type !== undefined) return type;
      prototype = Object.getPrototypeOf(prototype);
    }
    return "Error";
  }

  /** Recognizes the same class from another realm or another copy of the package. */
  #declaredType(prototype: object): string | undefined {
    const name = Object.getOwnPropertyDescriptor(prototype, "name")?.value as unknown;
    return typeof name === "string" && this.#prototypeOf.has(name) ? name : undefined;
  }
}

/** Gives an empty error the properties in its record. */
export function fillError(shell: Error, record: ErrorRecord): void {
  const { own = {}, hidden = {} } = record;
  // The shell's own stack tells where it was put together, which helps nobody.
  delete shell.stack;
  if (record.type !== "DOMException") {
    for (const key of ["name", "message"] as const) {
      if (Object.hasOwn(record, key)) setOwn(shell, key, record[key], false);
    }
  }
  for (const key of Object.keys(hidden)) setOwn(shell, key, Reflect.get(hidden, key), false);
  for (const key of Object.keys(own)) setOwn(shell, key, Reflect.get(own, key));
}

/** Sets a property of the object itself, whatever its name: `__proto__` too is only a key. */
export function setOwn(target: object, key: string, value: unknown, enumerable = true): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}
