// The process's own files: standard streams and the logs that the user names. Written synchronously,
// so that what was told is out before the process ends, whatever ends it.

import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import process from "node:process";
import { type ByteString, ManifoldError } from "../base/index.ts";
import { FsError } from "./fs-error.ts";

const typeMask = 0o170000;
const typeCharacterDevice = 0o020000;
/** Linux numbers /dev/null and its like so (devices.txt); elsewhere this names nothing that a run writes to. */
const memoryMajor = 1;
const retryMs = 2;
const waiter = new Int32Array(new SharedArrayBuffer(4));

/** Reads standard input to its end, blocking. Throws ManifoldError: it may be a directory. */
export function readStandardInput(): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const piece of readStandardInputPieces()) pieces.push(piece.slice());
  return Buffer.concat(pieces);
}

/** Yields the bytes of standard input, piece by piece; a piece is valid until the next one is asked for. Throws ManifoldError: there is no path that the trouble could be told of. */
export function* readStandardInputPieces(pieceBytes = 256 * 1024): Generator<Uint8Array> {
  try {
    yield* readPieces(0, "", pieceBytes);
  } catch (error) {
    throw unreadable("standard input", error);
  }
}

/** Says whether what is open is a regular file. Throws FsError. */
export function isRegularFile(descriptor: number): boolean {
  return attempt("stat", "", () => fstatSync(descriptor).isFile());
}

/** Says whether standard input is a file whose bytes can be had again and again: then its reader starts where it stands now. */
export function isStandardInputFile(): boolean {
  return fstatSync(0).isFile();
}

/** Says whether somebody is at the other end of standard input, and hears what is written to it. */
export function isStandardInputSocket(): boolean {
  return fstatSync(0).isSocket();
}

let startOfInput: number | undefined;

/** Where standard input, which is a file, stood when the process began, or was first asked about. */
export function startOfStandardInput(): number {
  startOfInput ??= offsetOf(0);
  return startOfInput;
}

/** Reads bytes of an open input at a position and returns how many; 0 = it ends there. Throws ManifoldError. */
export function readDescriptor(descriptor: number, into: Uint8Array, position: number): number {
  try {
    return attempt("read", "", () => readSync(descriptor, into, 0, into.length, position));
  } catch (error) {
    throw unreadable(`the input at byte ${position}`, error);
  }
}

/** What is thrown for an input of the run; an error of another kind is returned as it is. */
function unreadable(input: string, error: unknown): unknown {
  if (!(error instanceof FsError)) return error;
  const { reason, errno } = error;
  return new ManifoldError("file-select", `cannot read ${input}: ${reason}`, {
    cause: error,
    data: { errno },
  });
}

/** Returns the size of an open file. Throws FsError. */
export function sizeOfDescriptor(descriptor: number): number {
  return attempt("stat", "", () => fstatSync(descriptor).size);
}

/**
 * Says for certain that a descriptor is no terminal: it is no character device, or one of the memory devices
 * (/dev/null). To ask Node about a standard stream loads all that streams are made of.
 */
export function isNoTerminal(descriptor: number): boolean {
  try {
    const { rdev, ...about } = fstatSync(descriptor);
    return (about.mode & typeMask) !== typeCharacterDevice || rdev >> 8 === memoryMajor;
  } catch {
    return true; // It is closed.
  }
}

/** Where a descriptor stands in its file, as far as the system tells. */
function offsetOf(descriptor: number): number {
  try {
    const told = readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1");
    return Number(/^pos:\s*([0-9]+)/m.exec(told)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Yields what is read from a descriptor, piece by piece; a piece is valid until the next one is asked for. Throws FsError. */
export function* readPieces(
  descriptor: number,
  path: ByteString,
  pieceBytes: number,
): Generator<Uint8Array> {
  const piece = new Uint8Array(pieceBytes);
  for (;;) {
    const length = attempt("read", path, () => readSync(descriptor, piece));
    if (length === 0) return;
    yield piece.subarray(0, length);
  }
}

/** A file without a name, for bytes that are wanted again later; gone when the process is. */
export interface ScratchFile {
  /** Writes at the end and returns where. */
  append(bytes: Uint8Array): number;
  /** Writes at a position, which may be behind the end. */
  write(bytes: Uint8Array, position: number): void;
  /** For whoever reads it otherwise. */
  readonly descriptor: number;
  /** Cuts it off, or fills it up with null bytes, at this length. */
  truncate(length: number): void;
  /** Fills `into` with the bytes at `position`, which were written. */
  read(into: Uint8Array, position: number): void;
  close(): void;
}

/** Makes a scratch file in the directory for such files ($TMPDIR, else /tmp). `random` names it for a moment. Throws FsError. */
export function openScratchFile(random: number): ScratchFile {
  const path = `${process.env.TMPDIR || "/tmp"}/manifold-${process.pid}-${random.toString(36)}`;
  const descriptor = attempt("open", path, () => openSync(path, "wx+", 0o600));
  unlinkSync(path);
  let end = 0;
  const write = (bytes: Uint8Array, position: number): void => {
    for (let done = 0; done < bytes.length; ) {
      done += attempt("write", path, () =>
        writeSync(descriptor, bytes, done, bytes.length - done, position + done),
      );
    }
  };
  return {
    descriptor,
    write,
    truncate: (length) => attempt("truncate", path, () => ftruncateSync(descriptor, length)),
    append: (bytes) => {
      const position = end;
      write(bytes, position);
      end += bytes.length;
      return position;
    },
    read: (into, position) => {
      for (let done = 0; done < into.length; ) {
        const at = position + done;
        const length = attempt("read", path, () =>
          readSync(descriptor, into, done, into.length - done, at),
        );
        if (length === 0) throw new FsError(5, "read", path);
        done += length;
      }
    },
    close: () => closeSync(descriptor),
  };
}

function attempt<T>(operation: string, path: ByteString, call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const { code, errno } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") Atomics.wait(waiter, 0, 0, retryMs);
      else if (errno === undefined) throw error;
      else if (code !== "EINTR") throw new FsError(-errno, operation, path);
    }
  }
}

/**
 * Writes all bytes to a descriptor and returns 0, or the error number for which it takes no more (EPIPE: its reader
 * has gone). Waits where the descriptor does not block.
 */
export function writeDescriptor(descriptor: number, bytes: Uint8Array): number {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code, errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      if (code === "EAGAIN") Atomics.wait(waiter, 0, 0, retryMs);
      else if (code !== "EINTR") return -errno;
    }
  }
  return 0;
}

/** Flushes what was written to the disk. Throws FsError. */
export function flushDescriptor(descriptor: number): void {
  attempt("fsync", "", () => {
    fsyncSync(descriptor);
    return 0;
  });
}

/** Closes what was opened for this process. */
export function closeDescriptor(descriptor: number): void {
  closeSync(descriptor);
}
