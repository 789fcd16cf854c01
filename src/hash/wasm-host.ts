// The few names of the WebAssembly interface that are needed; no type library has them here.

/** What is used of it. */
export interface WasmHost {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
  readonly Instance: new (
    module: object,
    imports: Record<string, Record<string, object>>,
  ) => { exports: object };
}

/** Undefined where there is none. */
export const wasmHost = (globalThis as { WebAssembly?: WasmHost }).WebAssembly;

/** Bytes of a page of its memory. */
export const wasmPageBytes = 65536;
