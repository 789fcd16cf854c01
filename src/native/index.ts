// native: system calls as typed functions, by koffi; and the errno table. Absent where FFI is:
// `loadSystemCalls()` returns undefined and fs falls back to its portable door.

export { type ErrnoName, errno, errnoName, errnoText } from "./errno.ts";
