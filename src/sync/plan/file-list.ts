// The file list of --files-from: its lines, one after the other. Nothing is kept but the piece that
// is being read, so that a list of a million paths costs no more than what is made of its lines.

import { type ByteString, fromBytes, ManifoldError, toText } from "../../base/index.ts";
import { FsError, type OperatorLinks, readNamedFile } from "../../fs/index.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Where a list comes from and how its lines end. */
export interface FileListPlace {
  /** As the operator wrote it; "-" is standard input. */
  readonly path: ByteString;
  readonly links: OperatorLinks;
  /** Lines end with NUL instead of newline or carriage return. */
  readonly from0: boolean;
  readonly readStandardInput: () => Uint8Array;
}

/** Yields the lines of the list that name something: not the empty ones, nor comments (# and ;). Throws ManifoldError. */
export function* fileListLines(place: FileListPlace): Generator<ByteString> {
  let carried = "";
  for (const piece of pieces(place)) {
    let start = 0;
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i];
      if (place.from0 ? byte !== 0 : byte !== newline && byte !== carriageReturn) continue;
      const line = carried + fromBytes(piece, start, i);
      carried = "";
      start = i + 1;
      if (namesSomething(line)) yield line;
    }
    carried += fromBytes(piece, start);
  }
  if (namesSomething(carried)) yield carried;
}

function namesSomething(line: ByteString): boolean {
  return line !== "" && line[0] !== "#" && line[0] !== ";";
}

function* pieces({ path, links, readStandardInput }: FileListPlace): Generator<Uint8Array> {
  if (path === "-") {
    yield readStandardInput();
    return;
  }
  try {
    yield* readNamedFile(path, links);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError(
      "usage",
      `cannot ${error.operation} the files-from file ${toText(path)}: ${error.reason}`,
      { cause: error, data: { path: toText(path), errno: error.errno } },
    );
  }
}
