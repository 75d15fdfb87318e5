/** The engines by name. Peers live in a package of their own, which is installed when it is needed. */
import type { Engine } from "../engine.ts";

const OWN = ["floor", "floor-chain", "ours"] as const;

const PEERS = [
  "bullmq-durable",
  "openworkflow-sqlite",
  "openworkflow-postgres",
  "dbos",
  "restate",
] as const;

export const ENGINES = [...OWN, ...PEERS] as const;

export type EngineName = (typeof ENGINES)[number];

export function isPeer(name: EngineName): boolean {
  return (PEERS as readonly string[]).includes(name);
}

export async function loadEngine(name: EngineName): Promise<Engine> {
  const file = isPeer(name) ? `../../peers/${name}.ts` : `${name}.ts`;
  const { engine } = (await import(new URL(file, import.meta.url).href)) as { engine: Engine };
  return engine;
}
