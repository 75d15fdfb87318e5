export interface Latch {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

/** A promise and the means to resolve it, for code that is to wait until a test says so. */
export function createLatch(): Latch {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}
