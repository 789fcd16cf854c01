// File type and permission bits, as Linux's st_mode has them (inode(7)).

/** The bits of a mode that tell the file type. */
export const typeMask = 0o170000;
export const typeSocket = 0o140000;
export const typeSymlink = 0o120000;
export const typeRegular = 0o100000;
export const typeBlock = 0o060000;
export const typeDirectory = 0o040000;
export const typeCharacter = 0o020000;
export const typeFifo = 0o010000;

/** The bits that chmod sets: permissions, set-id and sticky. */
export const permissionMask = 0o7777;
/** Somebody may execute it. */
export const executableMask = 0o111;
/** The nine permission bits. */
export const accessMask = 0o777;
export const setUserId = 0o4000;
export const setGroupId = 0o2000;
export const sticky = 0o1000;

/** Says whether the mode is a regular file's. */
export function isRegular(mode: number): boolean {
  return (mode & typeMask) === typeRegular;
}

/** Says whether the mode is a directory's. */
export function isDirectory(mode: number): boolean {
  return (mode & typeMask) === typeDirectory;
}

/** Says whether the mode is a symbolic link's. */
export function isSymlink(mode: number): boolean {
  return (mode & typeMask) === typeSymlink;
}

/** Says whether the mode is a block or character device's. */
export function isDevice(mode: number): boolean {
  const type = mode & typeMask;
  return type === typeBlock || type === typeCharacter;
}

/** Says whether the mode is a named pipe's or a socket's. */
export function isSpecial(mode: number): boolean {
  const type = mode & typeMask;
  return type === typeFifo || type === typeSocket;
}
