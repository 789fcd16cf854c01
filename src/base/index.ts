// base: what every room may lean on. Byte strings, the tables of our errors and of Linux's error
// numbers, assertions, time and chance. Nothing here touches the outside world except the two system
// objects in clock.ts, which only the composing rooms hand out. A file belongs here only when at
// least three rooms need it.

export { AssertionError, assert, unreachable } from "./assert.ts";
export {
  type ByteString,
  baseName,
  fromBytes,
  fromText,
  joinPath,
  parentPath,
  toBytes,
  toText,
} from "./byte-string.ts";
export {
  type Clock,
  plainRandom,
  type Random,
  seededRandom,
  systemClock,
  systemRandom,
} from "./clock.ts";
export { type ErrnoName, errno, errnoName, errnoText } from "./errno.ts";
export { type ErrorCode, errorTable, ManifoldError } from "./errors.ts";
