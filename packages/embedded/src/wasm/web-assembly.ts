/**
 * The part of WebAssembly used here, typed here: its types otherwise come with those of a browser,
 * which have no place in a server's program.
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface WebAssemblyApi {
  readonly Tag: new (type: { readonly parameters: readonly string[] }) => object;
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: Readonly<Record<string, object>>): Promise<WasmInstance>;
}

export const webAssembly: WebAssemblyApi = (
  globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
).WebAssembly;
