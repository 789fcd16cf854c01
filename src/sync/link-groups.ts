// Groups of hard links (-H). The first entry of a group in listing order is its leader and is
// applied like any other; the rest are linked to it once it stands. Groups cross directories, so
// that they are settled here, in listing order, when the conductor tells the directory's turn.
// Memory: one record a group until all its names have been seen (a documented exception to P3).

import type { ByteString } from "../base/index.ts";
import { type Directory, typeDirectory, typeMask } from "../tree/index.ts";

/** What a follower is linked to. */
export interface LinkLeader {
  readonly path: ByteString;
  /** The leader needed no new content: in a dry run its present inode stays. */
  readonly kept: boolean;
}

/** A task that waits for its leader. */
type Waiting = (leader: LinkLeader | undefined) => void;

interface Group {
  leader: LinkLeader | undefined;
  state: "pending" | "made";
  left: number;
  waiting: Waiting[];
}

/** Says whether an entry is one of several names of its file. */
export function isHardLinked(source: Directory, i: number): boolean {
  return (
    (source.nlink[i] as number) > 1 && ((source.mode[i] as number) & typeMask) !== typeDirectory
  );
}

/** All groups of one run. */
export class LinkGroups {
  readonly #groups = new Map<string, Group>();

  /**
   * Meets the next name of a group in listing order. Calls `lead` when this name is (or becomes) the
   * leader, else `follow` once the leader stands, now or later.
   */
  meet(source: Directory, i: number, lead: () => void, follow: (leader: LinkLeader) => void): void {
    const key = groupKey(source, i);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { leader: undefined, state: "pending", left: source.nlink[i] as number, waiting: [] };
      this.#groups.set(key, group);
      this.#seen(key, group);
      lead();
      return;
    }
    this.#seen(key, group);
    const settle: Waiting = (leader) => (leader === undefined ? lead() : follow(leader));
    if (group.state === "made") settle(group.leader);
    else group.waiting.push(settle);
  }

  /**
   * Tells how the leader `i` fared: `leader` undefined means that it could not be made, and the next name of
   * the group leads instead.
   */
  led(source: Directory, i: number, leader: LinkLeader | undefined): void {
    const key = groupKey(source, i);
    const group = this.#groups.get(key);
    if (group === undefined) return;
    if (leader === undefined) {
      group.waiting.shift()?.(undefined);
      return;
    }
    group.leader = leader;
    group.state = "made";
    const { waiting } = group;
    group.waiting = [];
    for (const settle of waiting) settle(leader);
    if (group.left <= 0) this.#groups.delete(key);
  }

  /** A group is forgotten when all its names were met and its leader stands. */
  #seen(key: string, group: Group): void {
    group.left--;
    if (group.left <= 0 && group.state === "made") this.#groups.delete(key);
  }
}

/** What tells a group from others: device and inode. */
export function groupKey(source: Directory, i: number): string {
  return `${source.devMajor[i]}:${source.devMinor[i]}:${source.inoHigh[i]}:${source.inoLow[i]}`;
}
