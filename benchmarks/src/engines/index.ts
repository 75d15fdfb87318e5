/** The engines by name. Peers live in a package of their own, which is installed when it is needed. */
import type { Engine } from "../engine.ts";

export const ENGINES = ["floor", "floor-chain", "ours"] as const;

export type EngineName = (typeof ENGINES)[number];

export async function loadEngine(name: EngineName): Promise<Engine> {
  const { engine } = (await import(new URL(`${name}.ts`, import.meta.url).href)) as {
    engine: Engine;
  };
  return engine;
}
