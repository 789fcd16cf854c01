// The file that gets what restores the old tree (--undo): written and flushed before anything is changed.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import {
  closeDescriptor,
  FsError,
  flushDescriptor,
  type OperatorLinks,
  openForWriting,
  writeDescriptor,
} from "../../fs/index.ts";

/** It has old content of everybody in it: only its owner reads it. */
const undoMode = 0o600;

/** Such a file. Its methods throw ManifoldError. */
export class UndoFile {
  readonly #path: ByteString;
  readonly #links: OperatorLinks;
  #descriptor: number | undefined;

  /** It is opened, and what was in it is gone, with its first byte: a run that does not get that far leaves it alone. */
  constructor(path: ByteString, links: OperatorLinks) {
    this.#path = path;
    this.#links = links;
  }

  write(bytes: Uint8Array): void {
    const refused = writeDescriptor(this.#open(), bytes);
    if (refused !== 0) this.#refuse(new FsError(refused, "write", this.#path).reason);
  }

  /** That was all: returns when it is on the disk. */
  flush(): void {
    this.#attempt(() => flushDescriptor(this.#open()));
  }

  close(): void {
    if (this.#descriptor !== undefined) closeDescriptor(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    this.#descriptor ??= this.#attempt(() =>
      openForWriting(this.#path, false, this.#links, undoMode),
    );
    return this.#descriptor;
  }

  #attempt<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return this.#refuse(error.reason);
    }
  }

  #refuse(reason: string): never {
    throw new ManifoldError("io-start", `Cannot write "${toText(this.#path)}": ${reason}`);
  }
}
