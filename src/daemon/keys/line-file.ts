// Files of lines that people may edit: words between blanks, "#" begins a comment.

import { type ByteString, ManifoldError, parentPath, toText } from "../../base/index.ts";
import { FsError, makePrivateDirectory, readSmallFile } from "../../fs/index.ts";

/** Some ten thousand lines. */
const bytesMax = 1 << 20;

/** One line that says something. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly words: readonly string[];
}

/** Reads the lines of a file; none if there is no such file. Throws ManifoldError. */
export function readLines(path: ByteString): Line[] {
  const lines: Line[] = [];
  for (const [i, text] of readText(path).split("\n").entries()) {
    const words = text.trim().split(/\s+/);
    if (words[0] !== "" && !text.trim().startsWith("#")) lines.push({ number: i + 1, words });
  }
  return lines;
}

/** Reads a file as text, "" if there is none. Throws ManifoldError. */
export function readText(path: ByteString): string {
  return named(path, () =>
    Buffer.from(readSmallFile(path, bytesMax)?.bytes ?? []).toString("utf8"),
  );
}

/** Makes the directory that a file is going to be in. Throws ManifoldError. */
export function makeRoomFor(path: ByteString): void {
  const directory = parentPath(path);
  if (directory !== "") named(directory, () => makePrivateDirectory(directory));
}

/** Runs what works on the file, and tells trouble with it in words for the user. */
export function named<Result>(path: ByteString, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const message = `Cannot use ${toText(path)}: ${error.reason}`;
    throw new ManifoldError("file-select", message, { cause: error });
  }
}

/** The error of a line that cannot be understood. */
export function lineError(path: ByteString, line: number, says: string): ManifoldError {
  return new ManifoldError("file-select", `${toText(path)}, line ${line}: ${says}`);
}
