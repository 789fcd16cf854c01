// The source's end of a run that is recorded, before the run: it compares its side with the listings that the
// target's end sends, and writes the changeset into the client's file, or sends it to the client.

import { type ByteString, ManifoldError, toBytes } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  decodeRecordRequest,
  encodeRecordAnswer,
  lane,
  type RecordAnswer,
  type RecordRequest,
} from "../session/index.ts";
import type { FilterRuleSet, ProgressEvent } from "../tree/index.ts";
import type { Recording } from "./capture-file.ts";
import { sessionWords } from "./far/session-words.ts";
import type { SourcePlan } from "./plan/plan-sources.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { namedAs } from "./plan/transfer-plan.ts";
import { captureFar, listEntered } from "./verbs/capture-transfer.ts";
import { type Driving, driveSteps, orAborted } from "./verbs/drive-steps.ts";
import { KeptPieces } from "./verbs/kept-pieces.ts";
import { digestBytes } from "./verbs/listed-digests.ts";
import type { AsksDigests } from "./verbs/move-choice.ts";
import type { StageContext } from "./verbs/stage-output.ts";

/** What the source's end records with. */
export interface SourceRecordingGround extends Driving {
  readonly options: Options;
  readonly surroundings: Surroundings;
  readonly sources: SourcePlan;
  readonly filterRules: FilterRuleSet | undefined;
  /** The client's file, when this is the client. */
  readonly recording: Recording | undefined;
}

type Record = RecordRequest & { readonly kind: "record" };

/** Records, with content or without, as the target's end has to ask for. Rejects with ManifoldError. */
export async function recordSource(ground: SourceRecordingGround, hasData = true): Promise<void> {
  const { board, options, surroundings, sources, filterRules, recording, signal } = ground;
  const kept = new KeptPieces();
  try {
    const { record, standing } = hear(ground, kept);
    const asked = await orAborted(record, signal);
    if (asked.hasData !== hasData) {
      throw new ManifoldError("protocol-data", "The other end asks for another kind of recording");
    }
    const captured = {
      plan: namedAs(sources.plan, asked),
      incomplete: sources.incomplete,
      target: undefined,
    };
    const send = (message: RecordAnswer): void =>
      board.peer.send(lane.listing, encodeRecordAnswer(message));
    const events: ProgressEvent[] = [];
    const contextFor = (sink: StageContext["sink"]): StageContext => ({
      ...{ options, surroundings, sink },
      standardInput: () => [],
      tell: (event) => (recording === undefined ? events.push(event) : recording.tell(event)),
      program: sessionWords.program,
    });
    if (!asked.listsAll) {
      const context = contextFor((piece) => send({ kind: "entered", piece }));
      await driveSteps(listEntered(context, filterRules, captured), ground);
      send({ kind: "entered", piece: new Uint8Array(0) });
    }
    await orAborted(standing, signal);
    const context = contextFor((piece) =>
      recording === undefined ? send({ kind: "recorded", piece }) : recording.write(piece),
    );
    const pieces = kept.isEmpty ? undefined : kept.pieces();
    const ask: AsksDigests = (paths) => askDigests(ground, paths);
    const how = { ask, hasData };
    const exit = await driveSteps(captureFar(context, filterRules, captured, pieces, how), ground);
    recording?.end(exit);
    send({ kind: "record-end", exit, events });
  } finally {
    kept.close();
  }
}

/** Takes what the target's end says until it has said all. */
function hear(
  { board }: SourceRecordingGround,
  kept: KeptPieces,
): { readonly record: Promise<Record>; readonly standing: Promise<void> } {
  let isAsked = false;
  let onRecord: (record: Record) => void = () => undefined;
  let onStanding: () => void = () => undefined;
  // Made first: what has come already is heard at once.
  const record = new Promise<Record>((resolve) => (onRecord = resolve));
  const standing = new Promise<void>((resolve) => (onStanding = resolve));
  board.on(lane.request, (bytes) => {
    const message = decodeRecordRequest(bytes);
    if (message.kind === "record" && !isAsked) {
      isAsked = true;
      onRecord(message);
    } else if (message.kind === "standing" && isAsked) {
      if (message.piece.length > 0) {
        kept.add(message.piece);
        return;
      }
      board.off(lane.request);
      onStanding();
    } else {
      const words = `The other end sent a ${message.kind} message out of turn`;
      throw new ManifoldError("protocol-data", words);
    }
  });
  return { record, standing };
}

/** Bytes of paths in a message, about. */
const askedBytes = 256 * 1024;

/** Asks the target's end for digests of its files. Rejects with the signal's reason. */
function askDigests(
  { board }: SourceRecordingGround,
  paths: readonly ByteString[],
): Promise<Uint8Array> {
  const digests = new Uint8Array(paths.length * digestBytes);
  let length = 0;
  const answered = new Promise<void>((resolve) => {
    board.on(lane.request, (bytes) => {
      const message = decodeRecordRequest(bytes);
      if (message.kind !== "known" || length + message.piece.length > digests.length) {
        const words = `The other end sent a ${message.kind} message out of turn`;
        throw new ManifoldError("protocol-data", words);
      }
      digests.set(message.piece, length);
      length += message.piece.length;
      if (message.piece.length > 0) return;
      board.off(lane.request);
      resolve();
    });
  });
  const send = (text: ByteString): void => {
    const piece = toBytes(text);
    board.peer.send(lane.listing, encodeRecordAnswer({ kind: "asked", piece }));
  };
  let text = "";
  for (const path of paths) {
    text += `${path}\0`;
    if (text.length < askedBytes) continue;
    send(text);
    text = "";
  }
  if (text !== "") send(text);
  send("");
  return answered.then(() => digests);
}
