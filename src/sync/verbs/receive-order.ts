// One order of a changeset, carried out on a target that is looked at first: what the order found
// there before it came (then it is applied), what it leaves there (then that was done already), or
// something else (then it is a conflict, and the user's wish decides).

import { type ByteString, baseName, joinPath, parentPath } from "../../base/index.ts";
import {
  type ChangesetDigest,
  type OrderedDirectory,
  Orders,
  order,
  orderKind,
  selfName,
  type Token,
  takesContent,
} from "../../changeset/index.ts";
import {
  applyEntry,
  doomedEntry,
  type TargetPlace,
  TokenFile,
  targetFailed,
} from "../../pipeline/index.ts";
import { change, isDirectory, isRegular } from "../../tree/index.ts";
import { isNarrow, openToOwner } from "../apply/narrow-directories.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { Expectations } from "./expected-state.ts";
import { moveAside } from "./move-aside.ts";
import { OrderJudge } from "./order-judge.ts";
import { appliedChanges, tellApplied, wrongAttributes } from "./order-report.ts";
import {
  keepContinued,
  linkOrCopy,
  openMoved,
  type StandingEntry,
  takeFromBasis,
} from "./standing-content.ts";
import { isTaken } from "./taken-types.ts";
import { takeWholeFile, type WholeContent } from "./whole-file.ts";

/** How an order ended, or that it waits for content, or for a directory in its way to be deleted. */
export type OrderOutcome = "done" | "already" | "failed" | "content" | "deferred";

/** What happens to a target that is neither as before nor as after. */
const conflictReason = "the target is not what the changeset expects and was left as it is";
const movedReason = "the target is not what the changeset expects; it is now";

/** Carries out orders of one directory at a time. */
export class OrderReceiver {
  readonly #lane: LaneContext;
  readonly #judge: OrderJudge;
  readonly #digest: ChangesetDigest;
  readonly #orders = new Orders();

  constructor(lane: LaneContext, expectations: Expectations) {
    this.#lane = lane;
    this.#digest = expectations.digest;
    this.#judge = new OrderJudge(lane, expectations);
  }

  /** Carries out row `row`, as far as that can be done now. */
  begin(place: TargetPlace, orders: OrderedDirectory, row: number): OrderOutcome {
    const name = orders.name(row);
    const mode = orders.after.columns.mode[row] as number;
    if (!isTaken(this.#lane, place, orders, row)) return "already";
    this.#judge.look(place, name);
    const verdict = this.#judge.judge(place, orders, row);
    if (verdict === "conflict" && !this.#settle(place, name)) return "failed";
    if (verdict === "after") return this.#mend(place, orders, row);
    const found = this.#judge.seen.mode[0] as number;
    if (isDirectory(found) && !isDirectory(mode)) return "deferred";
    if (!keepContinued(this.#lane, place, orders, row)) return "failed";
    if (orders.kind[row] === orderKind.link) return this.#link(place, orders, row);
    if (takesContent(orders, row)) return this.#fromBasis(place, orders, row) ?? "content";
    return this.#make(place, orders, row);
  }

  /** Takes all of the content of a row for which begin() said "content"; false = openContent() has to be tried. */
  takeWhole(
    place: TargetPlace,
    orders: OrderedDirectory,
    row: number,
    content: WholeContent,
  ): boolean {
    const isNew = this.#judge.seen.mode[0] === 0 && orders.kind[row] === orderKind.add;
    return isNew && takeWholeFile(this.#lane, this.#digest, { place, orders, row }, content);
  }

  /** Begins to receive the content of a row for which begin() said "content"; undefined after a problem. */
  openContent(
    place: TargetPlace,
    orders: OrderedDirectory,
    row: number,
    isDeferred = false,
  ): TokenFile | undefined {
    const { receive } = this.#lane;
    const name = orders.name(row);
    this.#lane.transferred.literal = 0;
    this.#lane.transferred.matched = 0;
    const listing = orders.after.columns;
    const entry = { listing, index: row, name };
    const isFree = isDeferred || this.#judge.seen.mode[0] === 0;
    const seen = { listing: this.#judge.seen, index: isFree ? -1 : 0 };
    try {
      for (;;) {
        const moved = openMoved(this.#lane, orders, row);
        if (moved === undefined) return new TokenFile(receive, place, entry, seen, this.#digest);
        try {
          const begun = { ...entry, basis: moved.from };
          const file = new TokenFile(receive, place, begun, seen, this.#digest);
          file.pinBasis();
          if (moved.isSure()) return file;
          file.abandon();
        } finally {
          moved.close();
        }
      }
    } catch (error) {
      targetFailed(receive, place, name, error);
      return undefined;
    }
  }

  /** A new file that a basis directory has; undefined = none has it. */
  #fromBasis(place: TargetPlace, orders: OrderedDirectory, row: number): OrderOutcome | undefined {
    if (this.#lane.basis === undefined || this.#judge.seen.mode[0] !== 0) return undefined;
    const taken = takeFromBasis(this.#standing(place, orders, row));
    if (taken === "done" && this.#lane.basis.kind !== "compare") {
      tellApplied(this.#lane, place, orders, row, change.local | change.created);
    }
    return taken;
  }

  #standing(place: TargetPlace, orders: OrderedDirectory, row: number): StandingEntry {
    const entry = { listing: orders.after.columns, index: row, name: orders.name(row) };
    const seen = { listing: this.#judge.seen, index: this.#judge.seen.mode[0] === 0 ? -1 : 0 };
    return { lane: this.#lane, place, entry, seen, digest: this.#digest };
  }

  /** Adds tokens, `isLast`: all that are left; false after a problem, when the file has been let go. */
  addContent(
    place: TargetPlace,
    name: ByteString,
    file: TokenFile,
    tokens: readonly Token[],
    isLast: boolean,
  ): boolean {
    try {
      file.take(tokens, isLast);
      return true;
    } catch (error) {
      file.abandon();
      targetFailed(this.#lane.receive, place, name, error);
      return false;
    }
  }

  /** Gives the file its name and tells; false after a problem. */
  finishContent(
    place: TargetPlace,
    orders: OrderedDirectory,
    row: number,
    file: TokenFile,
    digest: Uint8Array,
  ): boolean {
    const changes = appliedChanges(this.#lane, this.#judge.seen, orders, row, change.transfer);
    try {
      if (!file.finish(digest, place)) return false;
    } catch (error) {
      targetFailed(this.#lane.receive, place, orders.name(row), error);
      return false;
    }
    tellApplied(this.#lane, place, orders, row, changes);
    return true;
  }

  /** Tells of a row that a dry run does not carry out. */
  tellWanted(place: TargetPlace, orders: OrderedDirectory, row: number): void {
    this.#judge.look(place, orders.name(row));
    const mode = orders.after.columns.mode[row] as number;
    const how = isRegular(mode) ? change.transfer : change.local;
    tellApplied(
      this.#lane,
      place,
      orders,
      row,
      appliedChanges(this.#lane, this.#judge.seen, orders, row, how),
    );
  }

  /** Tells of a conflict; true when what stands there was given another name (--on-conflict=keep-both). */
  #settle(place: TargetPlace, name: ByteString): boolean {
    const { settings, receive } = this.#lane;
    const isKept = settings.options.own.onConflict === "keep-both" && place.dir >= 0;
    const other =
      isKept && !settings.options.transfer.dryRun ? moveAside(receive.fs, place, name) : undefined;
    const reason = other === undefined ? conflictReason : `${movedReason} "${other}"`;
    receive.problem(joinPath(place.path, name), "conflict", 0, reason);
    if (other !== undefined) this.#judge.look(place, name);
    return other !== undefined;
  }

  /** Content is as it shall be: what is left are attributes. */
  #mend(place: TargetPlace, orders: OrderedDirectory, row: number): OrderOutcome {
    const lane = this.#lane;
    if (orders.kind[row] === orderKind.link) return "already";
    const bits = wrongAttributes(lane, this.#judge.seen, orders, row);
    if (bits === 0) {
      lane.count("unchanged");
      return "already";
    }
    if (!this.#apply(place, orders, row, order.meta, 0, bits)) return "failed";
    tellApplied(this.#lane, place, orders, row, bits);
    return "done";
  }

  /** Makes a directory, symlink, device or the like. */
  #make(place: TargetPlace, orders: OrderedDirectory, row: number): OrderOutcome {
    const lane = this.#lane;
    const mode = orders.after.columns.mode[row] as number;
    const changes = appliedChanges(this.#lane, this.#judge.seen, orders, row, change.local);
    let found = this.#judge.seen.mode[0] === 0 ? -1 : 0;
    if (found >= 0 && isDirectory(mode) && !lane.settings.options.transfer.dryRun) {
      const doomed = doomedEntry(lane.receive, this.#judge.seen, 0);
      if (!lane.deletions.makeWay(place, doomed, mode)) return "failed";
      found = -1;
    }
    const kind = found < 0 ? order.add : order.change;
    if (!this.#apply(place, orders, row, kind, found, changes)) return "failed";
    tellApplied(this.#lane, place, orders, row, changes);
    return "done";
  }

  #apply(
    place: TargetPlace,
    orders: OrderedDirectory,
    row: number,
    kind: number,
    target: number,
    changes: number,
  ): boolean {
    const lane = this.#lane;
    if (lane.settings.options.transfer.dryRun) return true;
    const entry = { listing: orders.after.columns, index: row, name: orders.name(row) };
    const single = this.#orders;
    single.reset(orders.count);
    single.kind[row] = kind;
    single.target[row] = target;
    single.changes[row] = changes;
    if (
      !applyEntry(lane.receive, place, entry, this.#judge.seen, single, lane.contentSource([], []))
    ) {
      return false;
    }
    const mode = orders.after.columns.mode[row] as number;
    if (isNarrow(mode)) openToOwner(lane, place, entry.name === selfName ? "" : entry.name, mode);
    return true;
  }

  #link(place: TargetPlace, orders: OrderedDirectory, row: number): OrderOutcome {
    const lane = this.#lane;
    const to = orders.after.links.get(row) ?? "";
    const name = orders.name(row);
    const changes = appliedChanges(
      this.#lane,
      this.#judge.seen,
      orders,
      row,
      change.local | change.hardLink,
    );
    if (!lane.settings.options.transfer.dryRun) {
      const leader = this.#judge.findLeader(to);
      if (leader === undefined || isDirectory(leader.mode)) return "deferred";
      try {
        const dir = lane.openTargetDirectory(parentPath(to));
        try {
          const from = { dir, name: baseName(to) };
          if (!linkOrCopy(this.#standing(place, orders, row), from)) return "failed";
        } finally {
          lane.fs.closeDirectory(dir);
        }
      } catch (error) {
        targetFailed(lane.receive, place, name, error);
        return "failed";
      }
    }
    lane.count("linked");
    tellApplied(this.#lane, place, orders, row, changes);
    return "done";
  }
}
