// `sync --undo FILE` between two machines, before the run: the source's end tells what the run would do, as when a run is
// recorded, but without content; the target's end turns that round, fills it with its old content, and whoever is the
// client writes it. The run begins when it is on the disk.

import { ManifoldError } from "../base/index.ts";
import { decodeRecordRequest, encodeRecordRequest, lane } from "../session/index.ts";
import { sessionWords } from "./far/session-words.ts";
import { recordSource, type SourceRecordingGround } from "./record-source.ts";
import { recordTarget, type TargetRecordingGround } from "./record-target.ts";
import { keepingAll, standingAsItIs } from "./undo-options.ts";
import { driveSteps, orAborted } from "./verbs/drive-steps.ts";
import { KeptPieces } from "./verbs/kept-pieces.ts";
import type { UndoFile } from "./verbs/undo-file.ts";
import { writeUndo } from "./verbs/write-undo.ts";

/** The target's end: writes `file`, or sends it where this is not the client. Rejects with ManifoldError. */
export async function undoAtTarget(
  ground: Omit<TargetRecordingGround, "recording">,
  file: UndoFile | undefined,
): Promise<void> {
  const { board, options, surroundings } = ground;
  const changes = new KeptPieces();
  // What is met is met again by the run, and told then.
  const recording = {
    write: (piece: Uint8Array): void => changes.add(piece),
    tell: (): void => undefined,
    end: (): void => undefined,
  };
  const send = (piece: Uint8Array): void =>
    board.peer.send(lane.request, encodeRecordRequest({ kind: "restoring", piece }));
  try {
    const seen = keepingAll(options);

    const target = await recordTarget({ ...ground, options: seen, recording }, false);
    const context = {
      ...{ surroundings, options: standingAsItIs(options, target) },
      sink: (bytes: Uint8Array): void => (file === undefined ? send(bytes) : file.write(bytes)),
      standardInput: () => [],
      tell: () => undefined,
      program: sessionWords.program,
    };

    await driveSteps(writeUndo(context, changes.pieces()), ground);
    file?.flush();
    send(new Uint8Array(0));
  } finally {
    changes.close();
  }
}

/** The source's end: `file` is written where this is the client. Rejects with ManifoldError. */
export async function undoAtSource(
  ground: Omit<SourceRecordingGround, "recording">,
  file: UndoFile | undefined,
): Promise<void> {
  const options = keepingAll(ground.options);
  await recordSource({ ...ground, options, recording: undefined }, false);
  const { board, signal } = ground;
  const isWhole = new Promise<void>((resolve) => {
    board.on(lane.request, (bytes) => {
      const message = decodeRecordRequest(bytes);
      // Where neither end is the client, that takes what comes before the end.
      if (message.kind !== "restoring" || (file === undefined && message.piece.length > 0)) {
        const words = `The other end sent a ${message.kind} message out of turn`;
        throw new ManifoldError("protocol-data", words);
      }
      if (message.piece.length > 0) {
        file?.write(message.piece);
        return;
      }
      file?.flush();
      board.off(lane.request);
      resolve();
    });
  });
  await orAborted(isWhole, signal);
}
