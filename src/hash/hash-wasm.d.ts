// The single modules of hash-wasm, for which the package has no declarations: each is a part of what it declares.

declare module "hash-wasm/dist/*.umd.min.js" {
  const functions: Pick<
    typeof import("hash-wasm"),
    "createMD4" | "createXXHash64" | "createXXHash3" | "createXXHash128"
  >;
  export = functions;
}
