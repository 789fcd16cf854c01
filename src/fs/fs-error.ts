// The error of the file doors: an errno with the call and the name it happened on.

import { type ByteString, errnoName, errnoText, toText } from "../base/index.ts";

/** Thrown by every file door. `errno` is Linux's number whatever the door. */
export class FsError extends Error {
  readonly errno: number;
  /** The system call or operation, "openat". */
  readonly operation: string;
  readonly path: ByteString;
  readonly #why: string;

  /** `why`: what the number does not tell. */
  constructor(errno: number, operation: string, path: ByteString, why?: string) {
    const words = why === undefined ? "" : `: ${why}`;
    super(`${operation} "${toText(path)}": ${errnoText(errno)}${words} (${errno})`);
    this.#why = words;
    this.name = "FsError";
    this.errno = errno;
    this.operation = operation;
    this.path = path;
  }

  /** The number in words, as the C library has them: "No such file or directory". */
  get reason(): string {
    return `${errnoText(this.errno)}${this.#why}`;
  }

  /** The symbolic name, "ENOENT". */
  get code(): string {
    return errnoName(this.errno);
  }
}
