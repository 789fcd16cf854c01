// fs/linux: the file door by system calls. Every operation is one call relative to a pinned
// descriptor; names go to the kernel as bytes out of one scratch buffer (kernel.ts), results come
// back through it, and directory listings are filled without an object or a copy per entry.
// Needs the native room; where that is absent the portable door serves.

export type { Without } from "./kernel.ts";
export { linuxFileSystem } from "./linux-file-system.ts";
export { openNamedFile } from "./operator-path.ts";
