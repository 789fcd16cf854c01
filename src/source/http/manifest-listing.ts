// Our own manifest: a listing that `manifold scan --digests` has written, served as a file at the top of the tree. It has everything that
// a tree has: exact times, modes, owners, links, digests.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import {
  ChangesetReader,
  type Header,
  type ListedDirectory,
  selfName,
} from "../../changeset/index.ts";
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
import { asSourceError, type Site } from "./site.ts";
import { TreeListing } from "./tree-listing.ts";

/** Its name. It is not part of the tree that it describes. */
export const manifestName = "manifold.listing";

const kinds: ReadonlyMap<number, EntryKind> = new Map([
  [typeCharacter, "character-device"],
  [typeBlock, "block-device"],
  [typeFifo, "fifo"],
  [typeSocket, "socket"],
]);

/** Reads it; undefined where there is none, or something else has that name. */
export async function openManifest(
  site: Site,
  signal: AbortSignal,
): Promise<TreeListing | undefined> {
  const response = await site.askIfThere(manifestName, signal);
  if (response === undefined) return undefined;
  const collected = new Manifest(response.header("last-modified"));
  const reader = new ChangesetReader();
  try {
    for await (const bytes of response.body) {
      reader.push(bytes);
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        if (record.type === "header") collected.begin(record.header);
        else if (record.type === "listing") collected.take(record.listing);
        else if (record.type === "problem") collected.isComplete = false;
        else if (record.type === "trailer") collected.isComplete &&= record.trailer.complete;
      }
    }
    reader.finish();
    return collected.finish();
  } catch (error) {
    signal.throwIfAborted();
    // A web site that answers everything with a page has no manifest.
    const isForeign = error instanceof ManifoldError && collected.header === undefined;
    if (isForeign && error.code === "changeset-invalid") return undefined;
    throw asSourceError(error);
  }
}

/** Builds a listing of the records. */
class Manifest {
  readonly #tree: TreeListing;
  header: Header | undefined;
  isComplete = true;
  readonly #users = new Map<number, ByteString>();
  readonly #groups = new Map<number, ByteString>();
  /** Names of one file: path to the path of the first. */
  readonly #links = new Map<ByteString, ByteString>();
  readonly #directories: ByteString[] = [];

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

  begin(header: Header): void {
    this.header = header;
    if (header.kind !== "listing")
      throw new ManifoldError("protocol-data", `${manifestName} is a changeset, not a listing`);
  }

  take(listing: ListedDirectory): void {
    const { path, columns, users, groups } = listing;
    for (const [id, name] of users) this.#users.set(id, name);
    for (const [id, name] of groups) this.#groups.set(id, name);
    const below = path === "" ? "" : `${path}/`;
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
