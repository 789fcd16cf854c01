// What stands on the target where an order of a changeset is about to do something, and what that
// means: it is as the order found it (carry it out), as the order leaves it (nothing to do), or
// neither.

import { type ByteString, baseName, parentPath } from "../../base/index.ts";
import { type OrderedDirectory, orderKind } from "../../changeset/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { Directory, isDirectory } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { readTargetLinks, readTargetXattrs } from "../lane/target-details.ts";
import { type Expectations, isAsExpected } from "./expected-state.ts";

const leader = new Stat();
const own = new Stat();

/** Which side of an order the target is on. */
export type Verdict = "before" | "after" | "conflict";

/** Looks at entries of the target one at a time. */
export class OrderJudge {
  /** The entry that was looked at last, in its first row; mode 0 = nothing is there. Always the same listing. */
  readonly seen = new Directory();
  readonly #lane: LaneContext;
  readonly #expectations: Expectations;

  constructor(lane: LaneContext, expectations: Expectations) {
    this.#lane = lane;
    this.#expectations = expectations;
  }

  /** Looks at the entry `name` of the directory; nothing is there in a dry run that would make it. */
  look(place: TargetPlace, name: ByteString): void {
    const { fs, targetXattrs } = this.#lane;
    const { seen } = this;
    seen.clear();
    seen.add(name, 0);
    if (place.dir < 0) return;
    fs.statEntries(place.dir, seen, 0, 1);
    if (seen.mode[0] === 0) return;
    readTargetLinks(fs, place.dir, seen);
    if (targetXattrs !== undefined) {
      readTargetXattrs(fs, place.dir, seen, targetXattrs);
    }
  }

  /** Says which side of the order the entry is on that was looked at last. */
  judge(place: TargetPlace, orders: OrderedDirectory, row: number): Verdict {
    const verdict = this.#compare(place, orders, row);
    // That it is linked to the right file says nothing about the file.
    const isRight = verdict === "after" && orders.kind[row] !== orderKind.link;
    if (isRight) this.#expectations.mended.add(this.seen, 0);
    return verdict;
  }

  #compare(place: TargetPlace, orders: OrderedDirectory, row: number): Verdict {
    const { before, after } = orders;
    const isAs = (states: typeof before): boolean =>
      isAsExpected(this.#expectations, states, row, this.seen, 0, place.dir);
    const kind = orders.kind[row];
    if (kind === orderKind.link) {
      if (this.#isLinked(place, after.links.get(row) ?? "")) return "after";
      return isAs(before) || isAs(after) ? "before" : this.#overwrites();
    }
    const wasLink = before.links.get(row);
    if (kind === orderKind.change && wasLink !== undefined && this.#isLinked(place, wasLink)) {
      // It shall stand for itself: that its content is right already is not enough.
      return isAs(before) || isAs(after) ? "before" : this.#overwrites();
    }
    if (isAs(after)) return "after";
    // An order about attributes cannot make content right.
    if (kind === orderKind.meta) return isAs(before) ? "after" : "conflict";
    if (isAs(before)) return "before";
    // A directory that made way, or made way for one, when an earlier run was stopped.
    const was = before.columns.mode[row] as number;
    const changesType =
      was !== 0 && isDirectory(was) !== isDirectory(after.columns.mode[row] as number);
    if (changesType && this.seen.mode[0] === 0) return "before";
    return this.#overwrites();
  }

  #overwrites(): "before" | "conflict" {
    return this.#lane.settings.options.own.onConflict === "overwrite" ? "before" : "conflict";
  }

  /** Says whether the entry is a name of the file that `path` names. */
  #isLinked(place: TargetPlace, path: ByteString): boolean {
    const { fs } = this.#lane;
    if (this.seen.mode[0] === 0 || place.dir < 0 || this.findLeader(path) === undefined)
      return false;
    if (!fs.stat(place.dir, this.seen.name(0), own)) return false;
    return (
      own.inoLow === leader.inoLow &&
      own.inoHigh === leader.inoHigh &&
      own.devMajor === leader.devMajor &&
      own.devMinor === leader.devMinor
    );
  }

  /** Returns what a link would link to, until it is asked again; undefined when it is not there. */
  findLeader(path: ByteString): Stat | undefined {
    const { fs } = this.#lane;
    try {
      const dir = this.#lane.openTargetDirectory(parentPath(path));
      try {
        return fs.stat(dir, baseName(path), leader) ? leader : undefined;
      } finally {
        fs.closeDirectory(dir);
      }
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return undefined;
    }
  }
}
