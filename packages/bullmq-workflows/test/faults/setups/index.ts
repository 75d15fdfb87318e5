import { startCluster } from "./cluster.ts";
import { startReplicated } from "./replicated.ts";
import type { Setup, SetupName } from "./setup.ts";
import { startStandalone } from "./standalone.ts";

/** Starts it in this folder, with so many ways to it. */
export async function startSetup(
  name: SetupName,
  folder: string,
  wayCount: number,
): Promise<Setup> {
  switch (name) {
    case "cluster":
      return await startCluster(folder);
    case "sentinel":
    case "lagging":
      return await startReplicated(name, folder);
    default:
      return await startStandalone(name, folder, wayCount);
  }
}
