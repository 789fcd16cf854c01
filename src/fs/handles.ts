// What a door hands out for what is open.

/** A pinned directory. On Linux a file descriptor; elsewhere an index into the door's table. */
export type DirHandle = number;

/** An open file. */
export type FileHandle = number;
