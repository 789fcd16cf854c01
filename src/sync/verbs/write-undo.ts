// `receive --undo FILE`: what restores the old tree, with its content, written and flushed before
// anything is changed. It is the inverse of the changeset, filled with data from the target as it is.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { invertChangeset } from "../../changeset/index.ts";
import {
  closeDescriptor,
  FsError,
  flushDescriptor,
  openForWriting,
  writeDescriptor,
} from "../../fs/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { ScratchStore } from "../state/scratch-store.ts";
import { RecordPump, recordsOf } from "./record-pump.ts";
import { sendRecords } from "./send-content.ts";
import { type StageContext, StageOutcome } from "./stage-output.ts";

/**
 * Writes FILE for the changeset that `pieces` hold. Entries that are not what the changeset expects have no content in
 * it: they will be conflicts, and stay as they are. Throws ManifoldError when content cannot be read or FILE not be
 * written; nothing has been touched then.
 */
export function writeUndo(
  context: StageContext,
  file: ByteString,
  pieces: Iterable<Uint8Array>,
): void {
  const inverse = new ScratchStore();
  const bodies = new ScratchStore();
  const pump = new RecordPump(pieces);
  try {
    let length = 0;
    const { program } = context;
    const sink = (bytes: Uint8Array): void => {
      inverse.append(bytes);
      length += bytes.length;
    };
    invertChangeset(
      recordsOf(pump),
      bodies,
      (header) => ({ ...header, compression: "none", program }),
      sink,
    );
    fill(context, file, inverse, length);
  } finally {
    pump.close();
    inverse.close();
    bodies.close();
  }
}

function fill(
  context: StageContext,
  file: ByteString,
  inverse: ScratchStore,
  length: number,
): void {
  const refuse = (reason: string): never => {
    throw new ManifoldError("io-start", `Cannot write "${toText(file)}": ${reason}`);
  };
  const descriptor = attempt(
    () => openForWriting(file, false, context.options.links, 0o600),
    refuse,
  );
  try {
    const lost = (event: ProgressEvent): void => {
      if (event.type !== "problem" || event.errno === 0 || event.errno === noEntry) return;
      throw new ManifoldError(
        "partial",
        `Cannot save "${toText(event.path)}" for --undo, so nothing was changed: error ${event.errno}`,
      );
    };
    const sink = (bytes: Uint8Array): void => {
      const refused = writeDescriptor(descriptor, bytes);
      if (refused !== 0) refuse(`error ${refused}`);
    };
    const outcome = new StageOutcome(lost);
    sendRecords({ ...context, sink }, outcome, context.options.target ?? ".", cut(inverse, length));
    attempt(() => flushDescriptor(descriptor), refuse);
  } finally {
    closeDescriptor(descriptor);
  }
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

function attempt<T>(call: () => T, refuse: (reason: string) => never): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return refuse(error.reason);
  }
}
