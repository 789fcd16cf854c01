// `manifold show FILE`: what a listing or changeset says, as plain values in the order of the file.
// Faces make lines of them.

import { type ByteString, joinPath, ManifoldError, toText } from "../../base/index.ts";
import {
  type ChangesetRecord,
  type DirectorySummary,
  type Header,
  type OrderedDirectory,
  orderKind,
  orderKindNames,
  type ProblemRecord,
  type States,
  Summary,
  selfName,
  type Trailer,
} from "../../changeset/index.ts";
import { anyLinks, FsError, readNamedFile } from "../../fs/index.ts";
import { accessMask, change, isRegular, permissionMask, typeMask } from "../../tree/index.ts";
import { RecordPump } from "./record-pump.ts";
import type { StageContext } from "./stage-output.ts";

/** What is known of an entry on one side. */
export interface ShownState {
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
  readonly uid: number;
  readonly gid: number;
  readonly linkTarget: ByteString | undefined;
  readonly digest: Uint8Array | undefined;
  /** The path of the first name, for other names of a hard-link group. */
  readonly link: ByteString | undefined;
}

/** One thing to show. */
export type Shown =
  | { readonly type: "header"; readonly header: Header }
  | { readonly type: "entry"; readonly path: ByteString; readonly state: ShownState }
  | {
      readonly type: "order";
      readonly order: (typeof orderKindNames)[number];
      readonly path: ByteString;
      /** Bits of tree/itemize.ts. */
      readonly changes: number;
      readonly before: ShownState | undefined;
      readonly after: ShownState | undefined;
      /** For MOVE: whose content it gets. */
      readonly from: ByteString | undefined;
    }
  | { readonly type: "directory"; readonly directory: DirectorySummary }
  | { readonly type: "problem"; readonly problem: Omit<ProblemRecord, "type"> }
  | { readonly type: "trailer"; readonly trailer: Trailer };

/** Gives what FILE says; "-" is standard input. With --stat totals of directories, not entries. Throws ManifoldError. */
export function* showFile(context: StageContext): Generator<Shown> {
  const { options } = context;
  const path = options.sources[0] ?? "-";
  const pieces = path === "-" ? context.standardInput() : namedFile(path);
  const pump = new RecordPump(pieces);
  const summary = options.own.stat ? new Summary() : undefined;
  try {
    for (let record = pump.next(); record !== undefined; record = pump.next()) {
      if (record.type === "header") yield { type: "header", header: record.header };
      else if (record.type === "problem") yield { type: "problem", problem: record };
      else if (record.type === "trailer") {
        for (const directory of summary?.directories() ?? [])
          yield { type: "directory", directory };
        yield { type: "trailer", trailer: record.trailer };
      } else if (summary !== undefined) summary.add(record);
      else yield* shownRecord(record);
    }
  } finally {
    pump.close();
  }
}

function* namedFile(path: ByteString): Generator<Uint8Array> {
  try {
    yield* readNamedFile(path, anyLinks);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError("file-select", `Cannot read "${toText(path)}": ${error.reason}`, {
      cause: error,
    });
  }
}

function* shownRecord(record: ChangesetRecord): Generator<Shown> {
  if (record.type === "listing") {
    const { columns, states, path } = record.listing;
    for (let i = 0; i < columns.count; i++) {
      const name = columns.name(i);
      const state = shownState(states, i);
      if (state !== undefined) {
        yield { type: "entry", path: name === selfName ? name : joinPath(path, name), state };
      }
    }
    return;
  }
  if (record.type !== "directory" && record.type !== "late" && record.type !== "closing") return;
  const { orders } = record;
  for (let row = 0; row < orders.count; row++) {
    const name = orders.name(row);
    // Final attributes of directories repeat what was said before.
    if (record.type === "closing" && name === selfName) continue;
    yield {
      type: "order",
      order: orderKindNames[orders.kind[row] as number] ?? "",
      path: name === selfName ? name : joinPath(orders.path, name),
      changes: changesOf(orders, row),
      before: shownState(orders.before, row),
      after: shownState(orders.after, row),
      from: orders.bases.get(row)?.path,
    };
  }
}

function shownState({ columns, digests, links }: States, i: number): ShownState | undefined {
  const mode = columns.mode[i] as number;
  if (mode === 0) return undefined;
  return {
    mode,
    size: columns.size[i] as number,
    mtime: columns.mtime[i] as number,
    mtimeNanos: columns.mtimeNanos[i] as number,
    uid: columns.uid[i] as number,
    gid: columns.gid[i] as number,
    linkTarget: columns.linkTargets.get(i),
    digest: digests.get(i),
    link: links.get(i),
  };
}

/** What carrying the order out changes, as sync would itemize it. */
export function changesOf(orders: OrderedDirectory, row: number): number {
  const { before, after } = orders;
  const kind = orders.kind[row] as number;
  const [was, shall] = [before.columns.mode[row] as number, after.columns.mode[row] as number];
  if (kind === orderKind.del || shall === 0) return 0;
  const how =
    kind === orderKind.link
      ? change.local | change.hardLink
      : kind === orderKind.meta
        ? 0
        : isRegular(shall) && kind !== orderKind.move
          ? change.transfer
          : change.local;
  // What takes the place of another type is new, as rsync tells it.
  if (was === 0 || ((was ^ shall) & typeMask) !== 0) return how | change.created;
  return how | differing(orders, row);
}

function differing({ before, after }: OrderedDirectory, row: number): number {
  const [a, b] = [before.columns, after.columns];
  let bits = 0;
  if (a.linkTargets.get(row) !== b.linkTargets.get(row)) bits |= change.content;
  if (isRegular(b.mode[row] as number) && a.size[row] !== b.size[row]) bits |= change.size;
  if (a.mtime[row] !== b.mtime[row] || a.mtimeNanos[row] !== b.mtimeNanos[row]) {
    bits |= change.mtime;
  }
  if (((a.mode[row] as number) ^ (b.mode[row] as number)) & (permissionMask | accessMask)) {
    bits |= change.mode;
  }
  if (a.uid[row] !== b.uid[row]) bits |= change.owner;
  if (a.gid[row] !== b.gid[row]) bits |= change.group;
  return bits;
}
