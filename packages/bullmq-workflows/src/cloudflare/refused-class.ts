import { CloudflareOnlyError } from "./cloudflare-only-error.ts";

/** A class to import and to extend, but not to make objects of. */
export type RefusedClass = new (...parameters: unknown[]) => object;

export function refuseClass(name: string, advice: string): RefusedClass {
  function construct(): never {
    throw new CloudflareOnlyError(name, advice);
  }
  return Object.defineProperty(construct, "name", { value: name }) as unknown as RefusedClass;
}
