// Groups of hard links (-H). One name of a group leads and is applied like any other; the rest are
// linked to it once it stands. The leader is the first in listing order that the target has
// something of, else (as in rsync) the last. Groups cross directories, so that they are settled
// here, in listing order. Memory: one record a group until all its names have been seen, and a
// bounded number of names that wait (a documented exception to P3).

import type { ByteString } from "../../base/index.ts";
import { type Directory, typeDirectory, typeMask } from "../../tree/index.ts";

/** What a follower is linked to. */
export interface LinkLeader {
  readonly path: ByteString;
  /** It got its content from the source. */
  readonly transferred: boolean;
}

/** The leader that a name of a hard-link group is linked to. */
export interface LinkedTo extends LinkLeader {
  /** The name waited until there was one. */
  readonly isDeferred: boolean;
}

/**
 * What the target has of a name: something to begin with; something that is left alone, and so leads nothing; nothing;
 * or nothing and need not have it.
 */
export type Standing = "there" | "spared" | "missing" | "unwanted";

/** What is to be done with one name: one of the first three, once; `defer` before that, if it has to wait. */
export interface Turn {
  /** The name is applied like any other entry. */
  lead(): void;
  /** The name becomes a link of the leader, which stands. */
  follow(leader: LinkLeader): void;
  /** Nothing is linked to the name, and it to nothing: it is applied for itself. */
  standAlone(): void;
  /** Nothing of the group is there yet: the name waits, and others of other groups go first. */
  defer(): void;
}

interface Group {
  leader: LinkLeader | undefined;
  /** "open" = nothing leads yet, "led" = a leader is under way. */
  state: "open" | "led" | "made";
  left: number;
  /** Names that the target does not have; the last of them leads if none is there. */
  missing: Turn[];
  /** Names that a basis directory has. */
  unwanted: Turn[];
  /** Names that wait for the leader, in order. */
  waiting: Turn[];
}

/** Names that may wait for the rest of their groups at the same moment; about as many as rsync looks ahead. */
const deferredMax = 1000;

/** Says whether an entry is one of several names of its file. */
export function isHardLinked(source: Directory, i: number): boolean {
  return (
    (source.nlink[i] as number) > 1 && ((source.mode[i] as number) & typeMask) !== typeDirectory
  );
}

/** All groups of one run. */
export class LinkGroups {
  readonly #groups = new Map<string, Group>();
  /** Groups in which names were deferred, the oldest first. */
  readonly #open = new Set<Group>();
  #deferred = 0;

  /** Meets the next name of a group in listing order, and gives it its turn now or later. */
  meet(source: Directory, i: number, standing: Standing, turn: Turn): void {
    const key = groupKey(source, i);
    let group = this.#groups.get(key);
    if (group === undefined) {
      const left = source.nlink[i] as number;
      group = { leader: undefined, state: "open", left, missing: [], unwanted: [], waiting: [] };
      this.#groups.set(key, group);
    }
    group.left--;
    if (group.state === "made") turn.follow(group.leader as LinkLeader);
    else if (group.state === "led") group.waiting.push(turn);
    else if (standing === "there") this.#lead(group, turn);
    else if (standing === "spared") this.#spare(group, turn);
    else this.#defer(group, standing, turn);
    if (group.left <= 0 && group.state === "made") this.#groups.delete(key);
  }

  /**
   * Tells how the leader `i` fared: `leader` undefined means that it could not be made, and another name of the
   * group leads instead.
   */
  led(source: Directory, i: number, leader: LinkLeader | undefined): void {
    const key = groupKey(source, i);
    const group = this.#groups.get(key);
    if (group === undefined) return;
    if (leader === undefined) {
      const next = group.missing.pop() ?? group.waiting.shift();
      if (next !== undefined) next.lead();
      else {
        group.state = "open";
        this.#letAlone(group);
      }
      return;
    }
    group.leader = leader;
    group.state = "made";
    const { missing, unwanted, waiting } = group;
    group.missing = [];
    group.unwanted = [];
    group.waiting = [];
    // As rsync has it, the last that was put off comes first.
    for (const turn of [...missing.reverse(), ...unwanted, ...waiting]) turn.follow(leader);
    if (group.left <= 0) this.#groups.delete(key);
  }

  /** There are no more names: what was deferred has its turn. False = there was nothing. */
  settleAll(): boolean {
    if (this.#open.size === 0) return false;
    for (const group of this.#open) this.#settle(group);
    return true;
  }

  #lead(group: Group, turn: Turn): void {
    group.state = "led";
    this.#close(group);
    turn.lead();
  }

  #spare(group: Group, turn: Turn): void {
    turn.standAlone();
    if (group.left <= 0) this.#settle(group);
  }

  #defer(group: Group, standing: Standing, turn: Turn): void {
    if (group.left <= 0) {
      if (standing === "missing") this.#lead(group, turn);
      else this.#endUnwanted(group, turn);
      return;
    }
    turn.defer();
    group[standing === "missing" ? "missing" : "unwanted"].push(turn);
    this.#open.add(group);
    this.#deferred++;
    while (this.#deferred > deferredMax) {
      const [oldest] = this.#open;
      if (oldest === undefined) break;
      this.#settle(oldest);
    }
  }

  /** The last name of a group is one that need not be there. */
  #endUnwanted(group: Group, turn: Turn): void {
    this.#settle(group);
    if (group.state === "led") group.waiting.push(turn);
    else turn.standAlone();
  }

  /** Lets the last missing name lead; where nothing is missing nothing is made. */
  #settle(group: Group): void {
    this.#close(group);
    const turn = group.missing.pop();
    if (turn !== undefined) this.#lead(group, turn);
    else this.#letAlone(group);
  }

  #letAlone(group: Group): void {
    const { unwanted } = group;
    group.unwanted = [];
    for (const turn of unwanted) turn.standAlone();
  }

  /** Nothing of the group is counted as deferred any more. */
  #close(group: Group): void {
    if (!this.#open.delete(group)) return;
    this.#deferred -= group.missing.length + group.unwanted.length;
  }
}

/** What tells a group from others: device and inode. */
export function groupKey(source: Directory, i: number): string {
  return `${source.devMajor[i]}:${source.devMinor[i]}:${source.inoHigh[i]}:${source.inoLow[i]}`;
}
