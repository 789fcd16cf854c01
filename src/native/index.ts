// native: system calls, and some of OpenSSL, libzstd and liblz4, as typed functions, by koffi. Absent where FFI is:
// `loadSystemCalls()` returns undefined and fs falls back to its portable door.
//
//   const calls = loadSystemCalls();
//   const fd = calls.call.openat(dir, calls.address(name), flags, 0);
//   if (fd < 0) throw new FsError(calls.errno(), ...)
//
// Everything is numbers: descriptors, flags, addresses. This room knows the C library and the
// kernel's call numbers, not what a file is; struct layouts live with the callers that fill them.

export { type Lz4, loadLz4, loadZstd, type Zstd } from "./compressors.ts";
export { type Libcrypto, loadLibcrypto } from "./libcrypto.ts";
export { isKoffiInstalled } from "./packages.ts";
export type { CallName } from "./signatures.ts";
export { type Address, type CallTable, loadSystemCalls, type SystemCalls } from "./system-calls.ts";
