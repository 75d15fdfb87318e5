/** The one place where the command line reads its environment. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

type Variables = Readonly<Record<string, string | undefined>>;

export interface Environment {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly profile: string | undefined;
  readonly namespace: string | undefined;
  readonly redisUrl: string | undefined;
  /** What `NO_COLOR` and `FORCE_COLOR` ask for; `undefined` when neither says anything. */
  readonly isColorful: boolean | undefined;
  /** The folder for this program's configuration. */
  readonly configDirectory: string;
}

/** A variable that is set to nothing is one that is not set. */
export function readEnvironment(variables: Variables = process.env): Environment {
  const read = (name: string): string | undefined => variables[name] || undefined;
  return {
    url: read("BULLMQ_WORKFLOWS_URL"),
    token: read("BULLMQ_WORKFLOWS_TOKEN"),
    profile: read("BULLMQ_WORKFLOWS_PROFILE"),
    namespace: read("BULLMQ_WORKFLOWS_NAMESPACE"),
    redisUrl: read("REDIS_URL"),
    isColorful: readColor(variables),
    configDirectory: join(configHome(read("XDG_CONFIG_HOME")), "bullmq-workflows"),
  };
}

/** `FORCE_COLOR` is the more particular wish, so it goes first. */
function readColor({ FORCE_COLOR: force, NO_COLOR: no }: Variables): boolean | undefined {
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  return no === undefined || no === "" ? undefined : false;
}

/** The specification has it ignored when it is relative. */
function configHome(xdg: string | undefined): string {
  return xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), ".config");
}
