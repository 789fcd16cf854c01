// The file that a recording goes into (--tee, --write-batch, --only-write-batch).

import { type ByteString, ManifoldError, toText } from "../base/index.ts";
import {
  closeDescriptor,
  FsError,
  type OperatorLinks,
  openForWriting,
  writeDescriptor,
} from "../fs/index.ts";
import type { ProgressEvent } from "../tree/index.ts";
import type { Listener } from "./run-listener.ts";

/** A captured transfer has everybody's content in it: only its owner reads it. */
const captureMode = 0o600;

/** Such a file, open. */
export class CaptureFile {
  readonly #path: ByteString;
  readonly #descriptor: number;

  /** Opens and empties it. Throws ManifoldError. */
  constructor(path: ByteString, links: OperatorLinks) {
    this.#path = path;
    try {
      this.#descriptor = openForWriting(path, false, links, captureMode);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      const message = `Batch file "${toText(path)}" open error: ${error.reason}`;
      throw new ManifoldError("file-select", message);
    }
  }

  /** Writes. Throws ManifoldError. */
  write(bytes: Uint8Array): void {
    const refused = writeDescriptor(this.#descriptor, bytes);
    if (refused === 0) return;
    const { reason } = new FsError(refused, "write", this.#path);
    throw new ManifoldError("io-start", `Cannot write "${toText(this.#path)}": ${reason}`);
  }

  close(): void {
    closeDescriptor(this.#descriptor);
  }
}

/** The recording of a run with another machine, which the source's end makes, on the machine of the user. */
export class Recording {
  readonly #path: ByteString;
  readonly #links: OperatorLinks;
  readonly #listener: Listener;
  #file: CaptureFile | undefined;

  /** The file is opened with its first byte: when the ends have found one another. */
  constructor(path: ByteString, links: OperatorLinks, listener: Listener) {
    this.#path = path;
    this.#links = links;
    this.#listener = listener;
  }

  /** Takes bytes of the changeset. Throws ManifoldError. */
  write(bytes: Uint8Array): void {
    this.#file ??= new CaptureFile(this.#path, this.#links);
    this.#file.write(bytes);
  }

  /** Hears what could not be recorded. */
  tell(event: ProgressEvent): void {
    this.#listener.event(event);
  }

  /** That was all, and it deserves this exit status. */
  end(exit: number): void {
    this.close();
    this.#listener.recorded?.(exit);
  }

  /** Lets the file go, whole or not. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
