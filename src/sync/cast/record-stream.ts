// What a cast sends to targets that have the same: what a sync would do to them, recorded, or a changeset
// that was recorded before.

import type { ByteString } from "../../base/index.ts";
import type { ByteSink } from "../../changeset/index.ts";
import { anyLinks, FsError, type OperatorLinks, readNamedFile } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { sessionWords } from "../far/session-words.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { systemError } from "../plan/end-errors.ts";
import { openDoor } from "../plan/open-door.ts";
import type { SourcePlan } from "../plan/plan-sources.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { captureFar, type GoesApart, type SignatureOf } from "../verbs/capture-transfer.ts";
import type { KeptPieces } from "../verbs/kept-pieces.ts";
import { digestBytes } from "../verbs/listed-digests.ts";
import type { StageContext } from "../verbs/stage-output.ts";
import type { Steps } from "../verbs/steps.ts";

/** What is recorded, and for whom. */
export interface Recording {
  readonly options: Options;
  readonly surroundings: Surroundings;
  /** Undefined: there is a changeset. */
  readonly sources: SourcePlan | undefined;
  /** What the targets have; undefined = nothing. */
  readonly kept: KeptPieces | undefined;
  /** Contents that they get another way. */
  readonly apart?: GoesApart;
  /** What they have of old content. */
  readonly signatureOf?: SignatureOf;
  readonly tell: (event: ProgressEvent) => void;
}

/** Writes the stream, step by step; the result is an exit status. */
export function* recordStream(
  { options, surroundings, sources, kept, apart, signatureOf, tell }: Recording,
  sink: ByteSink,
): Steps<number> {
  const changeset = options.own.cast?.changeset;
  if (changeset !== undefined) {
    for (const piece of piecesOf(changeset, anyLinks)) {
      sink(piece);
      yield;
    }
    return 0;
  }
  if (sources === undefined) return 0;
  const context: StageContext = {
    ...{ options, surroundings, program: sessionWords.program, sink, tell },
    standardInput: () => [],
  };
  const fs = openDoor(surroundings);
  const rules = parseRunFilters(fs, options, surroundings, () => undefined);
  const { plan, incomplete } = sources;
  const pieces = kept?.pieces();
  const ends = { plan, incomplete, target: undefined };
  const how = {
    ask: unknownDigests,
    hasData: true,
    ...(apart && { apart }),
    ...(signatureOf && { signatureOf }),
  };
  return yield* captureFar(context, rules, ends, pieces, how);
}

/** Nobody is asked for digests of what many have: files that moved are cast again. */
function unknownDigests(paths: readonly ByteString[]): Promise<Uint8Array> {
  return Promise.resolve(new Uint8Array(paths.length * digestBytes));
}

/** Yields the bytes of a file that the user named. Throws ManifoldError. */
export function* piecesOf(path: ByteString, links: OperatorLinks): Generator<Uint8Array> {
  try {
    yield* readNamedFile(path, links);
  } catch (error) {
    throw error instanceof FsError ? systemError(error, "") : error;
  }
}

/** Returns the whole of a file that the user named. Throws ManifoldError. */
export function readWhole(path: ByteString, links: OperatorLinks): ByteString {
  let text = "";
  for (const piece of piecesOf(path, links)) text += Buffer.from(piece).toString("latin1");
  return text;
}
