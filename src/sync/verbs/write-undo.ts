// What restores a tree that a changeset is about to change: the inverse of the changeset, filled with data
// from the tree as it is.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { type ByteSink, invertChangeset } from "../../changeset/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { ScratchStore } from "../state/scratch-store.ts";
import { RecordPump, recordsOf } from "./record-pump.ts";
import { sendRecords } from "./send-content.ts";
import { type StageContext, StageOutcome } from "./stage-output.ts";
import { doSteps, type Steps } from "./steps.ts";
import { UndoFile } from "./undo-file.ts";

/** Writes and flushes the file that undoes the changeset which `pieces` hold. Throws what writeUndo throws, and when it cannot be written. */
export function saveUndo(
  context: StageContext,
  path: ByteString,
  pieces: Iterable<Uint8Array>,
): void {
  const file = new UndoFile(path, context.options.links);
  try {
    doSteps(writeUndo({ ...context, sink: (bytes) => file.write(bytes) }, pieces));
    file.flush();
  } finally {
    file.close();
  }
}

/**
 * Writes to the context's sink what undoes the changeset that `pieces` hold. Entries that are not what the changeset
 * expects have no content in it: they will be conflicts, and stay as they are. Throws ManifoldError when content cannot be read;
 * nothing has been touched then.
 */
export function* writeUndo(context: StageContext, pieces: Iterable<Uint8Array>): Steps {
  const inverse = new ScratchStore();
  const bodies = new ScratchStore();
  const pump = new RecordPump(pieces);
  try {
    let length = 0;
    const { program } = context;
    const sink: ByteSink = (bytes) => {
      inverse.append(bytes);
      length += bytes.length;
    };
    invertChangeset(
      recordsOf(pump),
      bodies,
      (header) => ({ ...header, compression: "none", program }),
      sink,
    );
    const target = context.options.target ?? ".";
    yield* sendRecords(context, new StageOutcome(lost), target, cut(inverse, length));
  } finally {
    pump.close();
    inverse.close();
    bodies.close();
  }
}

function lost(event: ProgressEvent): void {
  if (event.type !== "problem" || event.errno === 0 || event.errno === noEntry) return;
  throw new ManifoldError(
    "partial",
    `Cannot save "${toText(event.path)}" for --undo, so nothing was changed: error ${event.errno}`,
  );
}

const noEntry = 2;
const pieceBytes = 256 * 1024;

/** The bytes of a store, piece by piece. */
function* cut(store: ScratchStore, length: number): Generator<Uint8Array> {
  for (let at = 0; at < length; at += pieceBytes) {
    yield store.read(at, Math.min(pieceBytes, length - at));
  }
}

/** Puts all pieces into a store, and returns a way to have them again and again. */
export function keepPieces(
  pieces: Iterable<Uint8Array>,
  store: ScratchStore,
): () => Iterable<Uint8Array> {
  let length = 0;
  for (const piece of pieces) {
    store.append(piece);
    length += piece.length;
  }
  return () => cut(store, length);
}
