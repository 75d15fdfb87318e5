/** What the host of a project adds to `env`: the one way to give it anything but workflows and variables. */
import { ProjectError } from "../errors.ts";

export interface BindingsContext {
  /** `vars` of the configuration and of `.dev.vars`. */
  readonly vars: Readonly<Record<string, unknown>>;
  /** The named environment that runs. */
  readonly environment: string | undefined;
  /** Calls this when the project has closed, for connections and the like; last given, first called. */
  readonly onClose: (callback: () => unknown) => void;
}

type BindingValues = Readonly<Record<string, unknown>>;

/** By their names in `env`; or what makes them. */
export type Bindings =
  | BindingValues
  | ((context: BindingsContext) => BindingValues | Promise<BindingValues>);

/** @throws {@link ProjectError} `project.invalid_option` */
export async function resolveBindings(
  bindings: Bindings,
  context: BindingsContext,
): Promise<BindingValues> {
  const values: unknown = typeof bindings === "function" ? await bindings(context) : bindings;
  if (typeof values === "object" && values !== null && !Array.isArray(values)) {
    return values as BindingValues;
  }
  throw new ProjectError(
    "project.invalid_option",
    `Expected \`bindings\` to be an object with a value per binding, or a function that answers with ` +
      `one, got \`${String(values)}\``,
  );
}
