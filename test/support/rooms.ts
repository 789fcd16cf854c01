// What the test support takes from the house, in one place.

export {
  assert,
  type ByteString,
  baseName,
  type Clock,
  errno,
  fromBytes,
  joinPath,
  parentPath,
  type Random,
  seededRandom,
  toBytes,
} from "../../src/base/index.ts";
export { type DirHandle, type FileSystem, FsError, Stat } from "../../src/fs/index.ts";
export {
  Directory,
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
  permissionMask,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeMask,
  typeRegular,
  typeSocket,
  typeSymlink,
} from "../../src/tree/index.ts";
