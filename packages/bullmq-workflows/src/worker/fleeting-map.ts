/**
 * A map of what comes and goes all the time.
 *
 * A Map that has been copied to make room points to its copy, and V8 follows that from one copy to the next
 * until the next major GC, however long each has been of no use: nearly all that ever was in it survives the
 * minor ones. So the map holds boxes, and what leaves it empties its box.
 */
interface Box<Value> {
  value: Value | undefined;
}

export class FleetingMap<Key, Value extends object> {
  readonly #boxes = new Map<Key, Box<Value>>();

  get size(): number {
    return this.#boxes.size;
  }

  get values(): readonly Value[] {
    return [...this.#boxes.values()].flatMap(({ value }) => value ?? []);
  }

  /** The value that was set first. */
  get first(): Value | undefined {
    const [box] = this.#boxes.values();
    return box?.value;
  }

  get(key: Key): Value | undefined {
    return this.#boxes.get(key)?.value;
  }

  /** Comes last, also where it takes the place of another one. */
  set(key: Key, value: Value): void {
    this.take(key);
    this.#boxes.set(key, { value });
  }

  /** Removes and returns it. */
  take(key: Key): Value | undefined {
    const box = this.#boxes.get(key);
    if (!box) return undefined;
    this.#boxes.delete(key);
    const { value } = box;
    box.value = undefined;
    return value;
  }
}
