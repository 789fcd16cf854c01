// One directory of a listing in memory: the columns of its entries and the names of their owners.

import type { ByteString } from "../base/index.ts";
import type { Directory } from "../tree/index.ts";
import { States } from "./states.ts";

/** The entries of one directory, in listing order; in the root's, the first may be the root itself, named ".". */
export class ListedDirectory {
  path: ByteString = "";
  readonly states: States;
  /** Names of ids that were not named before in the same listing. */
  readonly users = new Map<number, ByteString>();
  readonly groups = new Map<number, ByteString>();

  constructor(columns?: Directory) {
    this.states = new States(columns);
  }

  /** Empties it for the entries of `path`. */
  reset(path: ByteString, complete = true): void {
    this.path = path;
    this.states.clear();
    this.columns.complete = complete;
    this.users.clear();
    this.groups.clear();
  }

  /** The columns; `complete` is theirs. */
  get columns(): Directory {
    return this.states.columns;
  }

  /** Returns the mode that decides where row `i` stands in listing order. */
  standingMode(i: number): number {
    return this.states.columns.mode[i] as number;
  }
}
