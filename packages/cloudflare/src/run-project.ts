/**
 * Runs a Cloudflare Workflows project in this process: reads its configuration, gives it its `env`, loads
 * it, registers its workflows, and answers its requests.
 */
import { readProjectConfig } from "./config/project-config.ts";
import { ProjectHost } from "./host/project-host.ts";
import type { Project, RunProjectOptions } from "./project.ts";

/**
 * One project per process: its `env` is what `cloudflare:workers` shows.
 *
 * @throws {@link ProjectError} when the project cannot be read, built or loaded.
 */
export async function runProject(options: RunProjectOptions): Promise<Project> {
  const config = await readProjectConfig(options.directory, options.environment);
  const host = new ProjectHost(options, config);
  try {
    return await host.start();
  } catch (error) {
    await host.close({ force: true });
    throw error;
  }
}
