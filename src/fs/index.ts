// fs: the only door to files. Nothing here knows what a sync is.
//
//   const fs = openFileSystem();                 // this thread's door
//   const root = fs.openRoot(path);              // a pinned directory: a handle, not a path
//   fs.readNames(root, listing);                 // names and types into columns
//   fs.statEntries(root, listing, 0, listing.count);
//   fs.closeDirectory(root);
//
// In: handles, names as byte strings, numbers. Out: columns, bytes, FsError with Linux's numbers.
// FileSystem is the interface; linux/ serves it by system calls, portable/ by node:fs, memory/ and
// faulty/ serve tests; test/suites/fs-suite.ts holds all of them to it. Accounts tells users and
// groups of this machine.
//
// Not promised: that a door's handles mean anything to another kind of door, that a call is made
// again after an error other than an interruption, any caching. Every call goes to the system.

export { openAccounts } from "./accounts.ts";
export { convertedAccounts, type NameConverter } from "./accounts-converter.ts";
export type { Accounts } from "./accounts-lookup.ts";
export { becomeUser } from "./become-user.ts";
export { closeRead } from "./close-read.ts";
export { type Confinement, confinedFileSystem } from "./confined/index.ts";
export { enterDirectory } from "./enter-directory.ts";
export { type FakeSuperOptions, fakeSuperFileSystem, passThrough } from "./fake-super/index.ts";
export {
  type Call,
  Crash,
  type Fault,
  type FaultPlan,
  type FaultyOptions,
  faultAt,
  faultOf,
  faultyFileSystem,
  firstOf,
  type Lasting,
  noFaults,
  type Operation,
  seededFaults,
} from "./faulty/index.ts";
export {
  type Abilities,
  type DirHandle,
  type FileHandle,
  type FileSystem,
  type Follow,
  isSameInode,
  type OperatorFollow,
  omitTime,
  type RenameMode,
  Stat,
} from "./file-system.ts";
export { FsError } from "./fs-error.ts";
export {
  appendToKeptFile,
  closeKeptFile,
  type KeptFile,
  keptFileMoment,
  type Moment,
  makeKeptDirectory,
  openKeptFile,
  readKeptFile,
  writeKeptFile,
} from "./kept-file.ts";
export { linuxFileSystem } from "./linux/index.ts";
export { machineMark } from "./machine-mark.ts";
export {
  type MemoryFileSystem,
  type MemoryOptions,
  type MemoryUser,
  memoryFileSystem,
  type VolumeOptions,
} from "./memory/index.ts";
export { openForReading, openForWriting, readNamedFile } from "./named-files.ts";
export { expectsSystemCalls, openFileSystem, whyPortable } from "./open.ts";
export { openFilesMax } from "./open-files.ts";
export { anyLinks, type OperatorLinks, ownLinks } from "./operator-path.ts";
export { pickMark } from "./pick-mark.ts";
export { type PortableOptions, portableFileSystem } from "./portable/index.ts";
export { processArguments, processWorkingDirectory } from "./process-arguments.ts";
export { takeSlot } from "./slot-lock.ts";
export {
  appendToFile,
  createSmallFile,
  makePrivateDirectory,
  readDirectoryNames,
  readOwnFile,
  readSmallFile,
  removeSmallFile,
  replaceSmallFile,
  type SmallFile,
} from "./small-files.ts";
export {
  closeDescriptor,
  flushDescriptor,
  isNoTerminal,
  isRegularFile,
  isStandardInputFile,
  isStandardInputSocket,
  openScratchFile,
  readDescriptor,
  readStandardInput,
  readStandardInputPieces,
  type ScratchFile,
  sizeOfDescriptor,
  startOfStandardInput,
  writeDescriptor,
} from "./standard-streams.ts";
export { readUmask } from "./umask.ts";
export { watchThread } from "./watch-thread.ts";
