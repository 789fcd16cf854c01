// fs/memory: a file door without a disk, for tests. Everything is decided by the calls made, the
// options and the injected clock: same calls, same tree, same inode numbers, same times.
//
// It is as strict as Linux (errno by errno, the conformance suite holds it to the same answers) and has
// what disks in the wild have: quotas, second devices, names without case, coarse times, file systems
// without links, extended attributes or holes. What it has not: threads (one door, one thread), ACLs
// that govern access, and crashes.

export { type MemoryFileSystem, memoryFileSystem } from "./memory-file-system.ts";
export type { MemoryOptions, MemoryUser } from "./state.ts";
export type { VolumeOptions } from "./volume.ts";
