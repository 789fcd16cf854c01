// The log of a server: a line of JSON for each event, in a file or on standard error.

import { type ByteString, fromText, ManifoldError, systemClock, toBytes } from "../base/index.ts";
import { formatLogLine, type Log, type LogFields } from "../daemon/index.ts";
import {
  closeDescriptor,
  FsError,
  openForWriting,
  ownLinks,
  writeDescriptor,
} from "../sync/index.ts";

const standardError = 2;

/** Writes events down. */
export class ServeLog {
  #path: ByteString | undefined;
  #descriptor = standardError;

  /** Throws FsError if the file cannot be opened. */
  constructor(path: ByteString | undefined) {
    this.open(path);
  }

  /** Goes on in this file, opened anew (somebody may have moved the old one away). Throws FsError, and goes on in the old. */
  open(path: ByteString | undefined): void {
    const descriptor =
      path === undefined ? standardError : openForWriting(path, true, ownLinks, 0o640);
    this.close();
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /** Where lines go; undefined = standard error. */
  get path(): ByteString | undefined {
    return this.#path;
  }

  /** Writes an event. What cannot be written is lost: a full disk stops no server. */
  readonly write: Log = (event: string, fields: LogFields) => {
    const time = new Date(systemClock.wallTime()).toISOString();
    writeDescriptor(this.#descriptor, toBytes(fromText(formatLogLine(time, event, fields))));
  };

  /** Closes the file. */
  close(): void {
    if (this.#descriptor !== standardError) closeDescriptor(this.#descriptor);
    this.#descriptor = standardError;
  }
}

/** Opens a log; undefined = standard error. Throws ManifoldError. */
export function openLog(path: ByteString | undefined): ServeLog {
  return named(path ?? "", () => new ServeLog(path));
}

/** Runs what works on a file that the operator named. */
export function named<Result>(path: ByteString, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError("file-select", `Cannot use ${path}: ${error.reason}`, { cause: error });
  }
}
