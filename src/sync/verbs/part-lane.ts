// What a lane does for receive: it applies stretches of the changeset, each by itself, which it reads
// from the open file; or computes the digest of that file.

import type { ChangesetDigest, Header, IdNames } from "../../changeset/index.ts";
import { readDescriptor } from "../../fs/index.ts";
import { createDigest } from "../../hash/index.ts";
import type { LaneHandler } from "../../schedule/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { Cancelled, LaneContext } from "../lane/lane-context.ts";
import type { LaneSettings } from "../plan/lane-settings.ts";
import { ChangesetApplier } from "./changeset-applier.ts";
import type { InputFile } from "./changeset-input.ts";
import { RecordPump } from "./record-pump.ts";

/** What a worker lane is started with; what it works on comes as its first task. */
export interface PartLaneSetup {
  readonly serves: "parts";
}

/** What stretches are applied with. */
export interface PartGround {
  readonly file: InputFile;
  readonly header: Header;
  /** All names of ids in the changeset. */
  readonly users: IdNames;
  readonly groups: IdNames;
}

/** What a lane is asked. */
export type PartTask =
  | {
      readonly kind: "digest";
      readonly file: InputFile;
      readonly bytes: number;
      readonly digest: ChangesetDigest;
    }
  | { readonly kind: "open"; readonly settings: LaneSettings; readonly ground: PartGround }
  | { readonly kind: "part"; readonly part: number; readonly from: number; readonly to: number };

/** What it answers. */
export type PartResult =
  | { readonly kind: "digest"; readonly digest: Uint8Array }
  | { readonly kind: "open" }
  | { readonly kind: "part"; readonly part: number; readonly events: readonly ProgressEvent[] };

/** A lane that is ready for stretches. */
interface OpenLane {
  readonly lane: LaneContext;
  readonly ground: PartGround;
  readonly applier: ChangesetApplier;
  /** What the last stretch was read into: memory that is used again need not be cleared, nor collected. */
  memory?: Uint8Array;
}

/** Makes the handler of a lane. `own`: it works in this lane, which stays the caller's, instead of one of its own. */
export function partHandler(own?: {
  readonly lane: LaneContext;
  readonly ground: PartGround;
}): LaneHandler<PartTask, PartResult> {
  let open: OpenLane | undefined = own && openLane(own.lane, own.ground);
  return {
    run: (task) => {
      if (task.kind === "digest") return { kind: "digest", digest: digestOfFile(task) };
      if (task.kind === "open") {
        open = openLane(new LaneContext(task.settings), task.ground);
        return { kind: "open" };
      }
      if (open === undefined) throw new Error("A lane is opened before it applies anything.");
      applyPart(open, task);
      return { kind: "part", part: task.part, events: open.lane.takeEvents() };
    },
    close: () => {
      if (own === undefined) open?.lane.close();
    },
  };
}

function openLane(lane: LaneContext, ground: PartGround): OpenLane {
  return { lane, ground, applier: new ChangesetApplier(lane, ground.header, ground) };
}

function applyPart(open: OpenLane, task: PartTask & { kind: "part" }): void {
  const { ground, applier, memory } = open;
  const { file, header } = ground;
  const { from, to } = task;
  const start = { header, offset: from, ...(memory && { memory }) };
  const pump = new RecordPump(file, { start, bytes: to - from });
  try {
    while (pump.offset < to) {
      const record = pump.next();
      if (record === undefined) break;
      applier.take(record);
    }
    applier.endDirectory();
  } catch (error) {
    applier.abandon();
    if (!(error instanceof Cancelled)) throw error;
    // Whatever stopped the run was told, or comes from outside.
  } finally {
    open.memory = pump.memory;
  }
}

const piece = new Uint8Array(256 * 1024);

/** Returns the digest of so many bytes of a file; of fewer if it ends before. */
export function digestOfFile({ file, bytes, digest }: PartTask & { kind: "digest" }): Uint8Array {
  const sum = createDigest(digest);
  for (let done = 0; done < bytes; ) {
    const into = piece.subarray(0, Math.min(piece.length, bytes - done));
    const length = readDescriptor(file.descriptor, into, file.start + done);
    if (length === 0) break;
    sum.update(into, 0, length);
    done += length;
  }
  return sum.digest();
}
