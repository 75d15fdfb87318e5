/**
 * Bindings and handles whose calls fail as Cloudflare's do: with a plain `Error` whose message begins with
 * the name of the class there. For workflows registered with `errors: "cloudflare"`.
 */
import { WorkflowEngineError } from "../model/errors.ts";
import { WorkflowInstance } from "./instance-handle.ts";

/** Calls whose errors have no class there, so that no name is folded in. */
const PLAIN_CODES: ReadonlySet<string> = new Set(["subscribe.invalid"]);

/** What a message of ours adds to Cloudflare's sentence: which id it was. */
const SUBJECT = /: (?:"[^"]*"|`[^`]*`)$/;

/** Its `code` is kept, where no one sees it who does not ask. */
function foldCallError(error: unknown): unknown {
  if (!WorkflowEngineError.is(error)) return error;
  const { code, message } = error;
  const isAboutId = code === "instance.not_found" || code === "instance.invalid_id";
  const sentence = isAboutId ? message.replace(SUBJECT, "") : message;
  const folded = new Error(PLAIN_CODES.has(code) ? sentence : `WorkflowError: ${sentence}`);
  return Object.defineProperties(folded, {
    code: { value: code },
    stack: { value: error.stack, writable: true, configurable: true },
  });
}

/** Gives a class the methods of the one it extends, with errors folded. */
export function foldCalls(folded: object, original: object): void {
  for (const [name, { value: method }] of Object.entries(
    Object.getOwnPropertyDescriptors(original),
  )) {
    if (name === "constructor" || typeof method !== "function") continue;
    const call = async function (this: object, ...parameters: unknown[]): Promise<unknown> {
      try {
        return (await Reflect.apply(method, this, parameters)) as unknown;
      } catch (error) {
        throw foldCallError(error);
      }
    };
    Object.defineProperty(folded, name, { value: call, writable: true, configurable: true });
  }
}

/** {@link WorkflowInstance} with Cloudflare's form of errors. */
export class FoldedInstance<Output = unknown, Events = object> extends WorkflowInstance<
  Output,
  Events
> {
  static {
    foldCalls(this.prototype, WorkflowInstance.prototype);
  }
}
