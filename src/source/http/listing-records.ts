// Our own listing, as `manifold scan` writes it, made a tree of entries record by record: as it is served by others, or published for
// processes that work together.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { type Header, type ListedDirectory, selfName } from "../../changeset/index.ts";
import {
  isDirectory,
  isRegular,
  isSymlink,
  permissionMask,
  typeBlock,
  typeCharacter,
  typeFifo,
  typeMask,
  typeSocket,
} from "../../tree/index.ts";
import type { EntryKind, ListedEntry } from "../source.ts";
import { TreeListing } from "./tree-listing.ts";

/** Its name where it is served. It is not part of the tree that it describes. */
export const manifestName = "manifold.listing";

const kinds: ReadonlyMap<number, EntryKind> = new Map([
  [typeCharacter, "character-device"],
  [typeBlock, "block-device"],
  [typeFifo, "fifo"],
  [typeSocket, "socket"],
]);

/** Builds a listing of the records of a file in the form of `manifold scan`. */
export class ListingRecords {
  readonly #tree: TreeListing;
  header: Header | undefined;
  isComplete = true;
  readonly #users = new Map<number, ByteString>();
  readonly #groups = new Map<number, ByteString>();
  /** Names of one file: path to the path of the first. */
  readonly #links = new Map<ByteString, ByteString>();
  readonly #directories: ByteString[] = [];

  /** `generation`: which state of the tree it is, "" = unknown. */
  constructor(generation: string) {
    this.#tree = new TreeListing({
      name: manifestName,
      tells: {
        modes: true,
        owners: true,
        symlinks: true,
        devices: true,
        hardLinks: true,
        directoryTimes: true,
      },
      generation: generation === "" ? undefined : generation,
    });
  }

  /** Takes the header. Throws ManifoldError. */
  begin(header: Header): void {
    this.header = header;
    if (header.kind !== "listing")
      throw new ManifoldError("protocol-data", `${manifestName} is a changeset, not a listing`);
  }

  /** Takes a directory. Throws ManifoldError. */
  take(listing: ListedDirectory): void {
    const { path, columns, users, groups } = listing;
    for (const [id, name] of users) this.#users.set(id, name);
    for (const [id, name] of groups) this.#groups.set(id, name);
    const below = path === "" ? "" : `${path}/`;
    const before = this.#directories.at(-1);
    // The directories that it lies in are found by its name, and packed when all is there.
    if (before !== undefined && before !== path && !path.startsWith(`${before}/`))
      this.#tree.pack(before);
    this.#directories.push(path);
    this.#tree.describe(path, columns.complete);
    for (let row = 0; row < columns.count; row++) {
      const name = columns.name(row);
      const entry = this.#entry(listing, row, name);
      if (path === "" && name === selfName) this.#tree.describe("", true, entry);
      else if (below !== "" || name !== manifestName) this.#tree.add(`${below}${name}`, entry);
      const first = listing.states.links.get(row);
      if (first !== undefined) this.#links.set(`${below}${name}`, first);
    }
  }

  /** Takes what is told of the top itself. */
  takeSelf(listing: ListedDirectory): void {
    this.#tree.describe("", true, this.#entry(listing, 0, selfName));
  }

  #entry({ columns, states }: ListedDirectory, row: number, name: ByteString): ListedEntry {
    const mode = columns.mode[row] as number;
    const uid = columns.uid[row] as number;
    const gid = columns.gid[row] as number;
    const kind = kindOf(mode);
    const isDevice = kind === "character-device" || kind === "block-device";
    const value = states.digests.get(row);
    return {
      name,
      kind,
      size: kind === "file" ? (columns.size[row] as number) : undefined,
      mtime: columns.mtime[row] as number,
      mtimeNanos: columns.mtimeNanos[row] as number,
      mode: mode & permissionMask,
      uid,
      gid,
      user: this.#users.get(uid),
      group: this.#groups.get(gid),
      linkTarget: columns.linkTargets.get(row),
      rdevMajor: isDevice ? (columns.rdevMajor[row] as number) : undefined,
      rdevMinor: isDevice ? (columns.rdevMinor[row] as number) : undefined,
      digest: value && { algorithm: this.header?.digest ?? "blake3", value: value.slice() },
    };
  }

  /** Returns the tree of all directories. */
  finish(): TreeListing {
    for (const [path, first] of this.#links) {
      for (const each of [path, first]) {
        const entry = this.#tree.find(each);
        if (entry !== undefined) this.#tree.replace(each, { ...entry, fileNumber: first });
      }
    }
    // What could not be read is not there: nobody may take that for absence.
    if (!this.isComplete) for (const path of this.#directories) this.#tree.describe(path, false);
    return this.#tree;
  }
}

function kindOf(mode: number): EntryKind {
  if (isRegular(mode)) return "file";
  if (isDirectory(mode)) return "directory";
  if (isSymlink(mode)) return "symlink";
  return kinds.get(mode & typeMask) ?? "file";
}
