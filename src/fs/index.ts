// fs: the only door to files. FileSystem is the interface; linux/ serves it by system calls,
// portable/ by node:fs, memory/ and faulty/ serve tests. Nothing here knows what a sync is.

export { openAccounts } from "./accounts.ts";
export {
  type Abilities,
  type Accounts,
  type DirHandle,
  type FileHandle,
  type FileSystem,
  type Follow,
  omitTime,
  type RenameMode,
  Stat,
} from "./file-system.ts";
export { FsError } from "./fs-error.ts";
export { linuxFileSystem } from "./linux/index.ts";
export {
  type MemoryFileSystem,
  type MemoryOptions,
  type MemoryUser,
  memoryFileSystem,
  type VolumeOptions,
} from "./memory/index.ts";
export { openFileSystem } from "./open.ts";
export { processArguments } from "./process-arguments.ts";
export {
  closeDescriptor,
  openForWriting,
  readStandardInput,
  writeDescriptor,
} from "./standard-streams.ts";
export { readUmask } from "./umask.ts";
