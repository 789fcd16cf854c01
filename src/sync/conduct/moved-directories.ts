// Which new directories are old ones under another name: most of what waits below them, and there is, is found at the same
// places below one other directory. Only told from: files get their names one by one.

import { type ByteString, joinPath, parentPath } from "../../base/index.ts";
import { fileTag, type MoveBasis } from "../tasks/move-tasks.ts";

/** Other directories that are counted for one. Arbitrary: the one that most agree on comes early. */
const choicesMax = 8;

/** A directory of the target that another one was. */
export interface MovedFrom {
  readonly path: ByteString;
  /** Its files go, most of them. */
  readonly goes: boolean;
}

interface Choice {
  count: number;
  going: number;
}

interface Votes {
  files: number;
  readonly choices: Map<ByteString, Choice>;
}

/** Counts votes. */
export class MovedDirectories {
  readonly #votes = new Map<ByteString, Votes>();

  /** Takes a file that waits, with what it is likely to be made of: a vote in each directory above it. */
  add(directory: ByteString, name: ByteString, basis: MoveBasis | undefined): void {
    const isFound = basis !== undefined && basis.same !== "name" && basis.tag < fileTag.from;
    const old = isFound ? joinPath(basis.directory, basis.name) : undefined;
    let below = name;
    for (let path = directory; path !== ""; path = parentPath(path)) {
      const votes = this.#of(path);
      votes.files++;
      if (old?.endsWith(`/${below}`) === true) {
        vote(votes, old.slice(0, -below.length - 1), basis?.becomes === true);
      }
      below = joinPath(path.slice(path.lastIndexOf("/") + 1), below);
    }
  }

  /** Returns what a directory was; undefined = it is not an old one. */
  of(path: ByteString): MovedFrom | undefined {
    const votes = this.#votes.get(path);
    if (votes === undefined) return undefined;
    for (const [from, { count, going }] of votes.choices) {
      if (count * 2 > votes.files) return { path: from, goes: going * 2 > count };
    }
    return undefined;
  }

  #of(path: ByteString): Votes {
    let votes = this.#votes.get(path);
    if (votes === undefined) {
      votes = { files: 0, choices: new Map() };
      this.#votes.set(path, votes);
    }
    return votes;
  }
}

function vote({ choices }: Votes, from: ByteString, goes: boolean): void {
  let choice = choices.get(from);
  if (choice === undefined) {
    if (choices.size >= choicesMax) return;
    choice = { count: 0, going: 0 };
    choices.set(from, choice);
  }
  choice.count++;
  if (goes) choice.going++;
}
