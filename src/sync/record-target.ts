// The target's end of a run that is recorded, before the run: it asks the source's end for the recording and
// lists the target for it. As the client it takes the changeset.

import { type ByteString, ManifoldError } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  decodeRecordAnswer,
  encodeRecordRequest,
  lane,
  type RecordRequest,
} from "../session/index.ts";
import type { Recording } from "./capture-file.ts";
import { openEndpoints } from "./endpoints.ts";
import { sessionWords } from "./far/session-words.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { openDoor } from "./plan/open-door.ts";
import type { SourcePlan } from "./plan/plan-sources.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { capturesAll, listStanding } from "./verbs/capture-transfer.ts";
import { type Driving, driveSteps, orAborted } from "./verbs/drive-steps.ts";
import { KeptPieces } from "./verbs/kept-pieces.ts";
import { tellDigests } from "./verbs/tell-digests.ts";

/** What the target's end records with. */
export interface TargetRecordingGround extends Driving {
  readonly options: Options;
  readonly surroundings: Surroundings;
  /** What the source's end said of its arguments. */
  readonly sources: SourcePlan;
  /** Where the changeset goes, when it goes to this end. */
  readonly recording: Pick<Recording, "write" | "tell" | "end"> | undefined;
}

/** Has the run recorded, with content or without; returns where the target is, undefined = it is still to be made. Rejects with ManifoldError. */
export async function recordTarget(
  ground: TargetRecordingGround,
  hasData = true,
): Promise<ByteString | undefined> {
  const { board, options, surroundings, sources, signal } = ground;
  const fs = openDoor(surroundings);
  const dry = { ...options, transfer: { ...options.transfer, dryRun: true } };
  const filterRules = parseRunFilters(fs, dry, surroundings, () => undefined);
  const ends = openEndpoints({ ...surroundings, fs, options: dry, filterRules }, sources);
  if (ends.failure !== undefined) throw ends.failure;
  const target = ends.targetExists ? ends.target : undefined;
  const listsAll = target === undefined || capturesAll(options, ends.incomplete);
  const kept = new KeptPieces();
  const asked = new KeptPieces();
  try {
    const send = (message: RecordRequest): void =>
      board.peer.send(lane.request, encodeRecordRequest(message));
    const heard = hear(ground, kept, asked);
    send({ kind: "record", ...ends.naming, listsAll, hasData });
    if (!listsAll) await orAborted(heard.entered, signal);
    if (target !== undefined) {
      const context = {
        ...{ options: dry, surroundings },
        sink: (piece: Uint8Array): void => send({ kind: "standing", piece }),
        standardInput: () => [],
        tell: () => undefined,
        program: sessionWords.program,
      };
      const entered = listsAll ? undefined : kept.pieces();
      await driveSteps(listStanding(context, filterRules, target, { entered }), ground);
    }
    send({ kind: "standing", piece: new Uint8Array(0) });
    await orAborted(Promise.race([heard.asked, heard.end]), signal);
    if (!asked.isEmpty) {
      if (target === undefined) {
        throw new ManifoldError("protocol-data", "The other end asks for files of no target");
      }
      const sink = (piece: Uint8Array): void => send({ kind: "known", piece });
      await driveSteps(tellDigests(fs, target.path, asked.pieces(), sink), ground);
      send({ kind: "known", piece: new Uint8Array(0) });
    }
    await orAborted(heard.end, signal);
    return target?.path;
  } finally {
    kept.close();
    asked.close();
  }
}

/** Takes what the source's end says until the recording is whole. */
function hear(
  { board, recording }: TargetRecordingGround,
  kept: KeptPieces,
  asked: KeptPieces,
): Readonly<Record<"entered" | "asked" | "end", Promise<void>>> {
  let onEntered: () => void = () => undefined;
  let onAsked: () => void = () => undefined;
  let onEnd: () => void = () => undefined;
  // Made first: what has come already is heard at once.
  const entered = new Promise<void>((resolve) => (onEntered = resolve));
  const isAskedFor = new Promise<void>((resolve) => (onAsked = resolve));
  const end = new Promise<void>((resolve) => (onEnd = resolve));
  let isEntered = false;
  let isAsked = false;
  board.on(lane.listing, (bytes) => {
    const message = decodeRecordAnswer(bytes);
    if (message.kind === "entered" && !isEntered) {
      if (message.piece.length > 0) {
        kept.add(message.piece);
        return;
      }
      isEntered = true;
      onEntered();
    } else if (message.kind === "asked" && !isAsked) {
      if (message.piece.length > 0) {
        asked.add(message.piece);
        return;
      }
      isAsked = true;
      onAsked();
    } else if (message.kind === "recorded" && recording !== undefined) {
      recording.write(message.piece);
    } else if (message.kind === "record-end") {
      board.off(lane.listing);
      for (const event of message.events) recording?.tell(event);
      recording?.end(message.exit);
      onEnd();
    } else {
      const words = `The other end sent a ${message.kind} message out of turn`;
      throw new ManifoldError("protocol-data", words);
    }
  });
  return { entered, asked: isAskedFor, end };
}
