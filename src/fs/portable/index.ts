// fs/portable: the file door on node:fs alone, for machines where no system calls can be had.
//
//   const fs = portableFileSystem();
//
// On Linux a pinned directory is a descriptor (O_PATH) and its entries are reached as
// /proc/self/fd/N/name, which gives node:fs what it lacks: operations relative to a directory that
// nobody can exchange meanwhile. Elsewhere a handle stands for a path, each component of which was looked
// at when it was pinned, and which is looked at again before each use: a directory that was moved or
// exchanged since is refused (ESTALE). Between that look and the use nothing holds it in place, so
// who exchanges directories for links at that very moment can still lead such a door astray
// (abilities.confined is false).
//
// What node:fs cannot do is refused or done less well, as `abilities` tells: times keep microseconds
// (whole seconds beyond the year 2242), a time that is to be left alone is read and written back, no extended attributes,
// no pipes, sockets and devices, no holes, no copies in the kernel, no exchange (EOPNOTSUPP); by paths, nothing below
// PATH_MAX is reached. A rename that
// may not replace is made of a link, or of an empty directory, so it still never replaces; syncFileSystem flushes the
// directory only. About two times slower than the door by system calls.

export { openNamedFile } from "./operator-path.ts";
export { type PortableOptions, portableFileSystem } from "./portable-file-system.ts";
