// Which of the candidates a wanted file begins from. What both sides have a digest of is confirmed: then whoever
// deletes or replaces the old file can say where its content goes on. Otherwise the sender finds out, and only
// what nobody replaces is chosen.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { Basis, ChangesetDigest, OrderedDirectory } from "../../changeset/index.ts";
import { type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";
import { equalDigests } from "../../hash/index.ts";
import type { MoveCandidate } from "../../pipeline/index.ts";
import { digestFile, digestOpenFile } from "../lane/file-digest.ts";
import type { ListedDigests } from "./listed-digests.ts";
import type { ListingStream } from "./listing-stream.ts";

/** Digests of candidates that are kept for the next file that looks at them. */
const knownMax = 100_000;

/** How content under other names is looked for. */
export interface MoveDetection {
  /** What says that a file is the one that is wanted; see RenameOptions. */
  readonly detect: "content" | "times" | "names";
  readonly source: ListingStream;
  readonly target: ListingStream;
  /** The kind of digests of the changeset. */
  readonly digest: ChangesetDigest;
  /** Signatures are written: a file that is only like the wanted one can be the basis of a delta. */
  readonly deltas: boolean;
  /** Asks for digests of files of a target that is elsewhere; undefined = nobody can be asked. */
  readonly ask?: AsksDigests;
  /** Hears before orders are written for which of their rows the basis' signature is to follow. */
  readonly sign: (rows: ReadonlySet<number>) => void;
}

/** Returns the digests of files, one behind the other, zeros for those that cannot be read. */
export type AsksDigests = (paths: readonly ByteString[]) => Promise<Uint8Array>;

/** A file to begin from. */
export interface ChosenBasis extends Basis {
  /** Its content is known to be what is wanted. */
  readonly isConfirmed: boolean;
  /** The sender needs to know its blocks. */
  readonly isSigned: boolean;
}

/** What is chosen for. */
export interface WantedRow {
  readonly orders: OrderedDirectory;
  readonly row: number;
  /** The target has a regular file of that name, which a delta can begin from. */
  readonly hasOwn: boolean;
}

/** Chooses. */
export class MoveChoice {
  readonly #moves: MoveDetection;
  readonly #listed: ListedDigests | undefined;
  readonly #isReplaced: (path: ByteString) => boolean;
  readonly #known = new Map<ByteString, Uint8Array | undefined>();

  /** `listed`: digests by number, which is tag and index of candidates, where the target is a listing. */
  constructor(
    moves: MoveDetection,
    listed: ListedDigests | undefined,
    isReplaced: (path: ByteString) => boolean,
  ) {
    this.#moves = moves;
    this.#listed = listed;
    this.#isReplaced = isReplaced;
  }

  /** Chooses among candidates, likeliest first; undefined = none is worth it. */
  choose(wanted: WantedRow, candidates: readonly MoveCandidate[]): ChosenBasis | undefined {
    const ofSize = candidates.filter(({ same }) => same !== "name");
    if (this.#moves.detect !== "content") {
      const believed = this.#believed(ofSize);
      if (believed !== undefined || this.#moves.detect === "names") return believed;
    }
    const wish = ofSize.length === 0 ? undefined : this.#wantedDigest(wanted);
    if (wish !== undefined) {
      for (const candidate of ofSize) {
        const digest = this.#digestOf(candidate);
        if (digest === undefined || !equalDigests(digest, wish)) continue;
        return { ...this.#basis(candidate, digest), isConfirmed: true, isSigned: false };
      }
    } else {
      const guess = this.#guess(wanted, ofSize);
      if (guess !== undefined) return guess;
    }
    return wanted.hasOwn ? undefined : this.#alike(candidates, wish !== undefined);
  }

  /** Size and time are the same, which is believed. */
  #believed(candidates: readonly MoveCandidate[]): ChosenBasis | undefined {
    for (const candidate of candidates) {
      if (candidate.same !== "time" || this.#isTaken(candidate)) continue;
      const digest = this.#listedDigest(candidate);
      return { ...this.#basis(candidate, digest), isConfirmed: false, isSigned: false };
    }
    return undefined;
  }

  /** The sender will compare digests. */
  #guess({ hasOwn }: WantedRow, candidates: readonly MoveCandidate[]): ChosenBasis | undefined {
    for (const candidate of candidates) {
      const isTimely = candidate.same === "time";
      if ((hasOwn && !isTimely) || this.#isTaken(candidate)) continue;
      const digest = this.#digestOf(candidate);
      if (digest === undefined) continue;
      const isSigned = !isTimely && this.#canSign;
      return { ...this.#basis(candidate, digest), isConfirmed: false, isSigned };
    }
    return undefined;
  }

  /** A former version, perhaps. `areOthers`: those of the same size are known to have other content. */
  #alike(candidates: readonly MoveCandidate[], areOthers: boolean): ChosenBasis | undefined {
    if (!this.#canSign) return undefined;
    const found = candidates.find(
      (candidate) => (candidate.same === "name" || areOthers) && !this.#isTaken(candidate),
    );
    if (found === undefined) return undefined;
    return { ...this.#basis(found, undefined), isConfirmed: false, isSigned: true };
  }

  get #canSign(): boolean {
    return this.#moves.deltas && this.#moves.target.place !== undefined;
  }

  #isTaken({ directory, name }: MoveCandidate): boolean {
    return this.#isReplaced(joinPath(directory, name));
  }

  #basis({ directory, name, size }: MoveCandidate, digest: Uint8Array | undefined): Basis {
    return { path: joinPath(directory, name), size, digest };
  }

  /** The digest of what is wanted: the listing's, or, where the source is at hand, computed. */
  #wantedDigest({ orders, row }: WantedRow): Uint8Array | undefined {
    const { source, digest } = this.#moves;
    if (source.digest === digest) {
      const listed = orders.after.digests.get(row);
      if (listed !== undefined) return listed;
    }
    return this.#read(source, orders.path, orders.name(row));
  }

  #digestOf(candidate: MoveCandidate): Uint8Array | undefined {
    const listed = this.#listedDigest(candidate);
    if (listed !== undefined) return listed;
    const path = joinPath(candidate.directory, candidate.name);
    if (this.#known.has(path)) return this.#known.get(path);
    const digest = this.#read(this.#moves.target, candidate.directory, candidate.name);
    if (this.#known.size >= knownMax) this.#known.clear();
    this.#known.set(path, digest);
    return digest;
  }

  #listedDigest({ tag, index }: MoveCandidate): Uint8Array | undefined {
    return this.#listed?.of(tag + index);
  }

  /** Reads a file of a tree that is at hand; what cannot be read is no candidate. */
  #read(tree: ListingStream, directory: ByteString, name: ByteString): Uint8Array | undefined {
    const { place, places } = tree;
    try {
      if (place === undefined) {
        return places && this.#digestOpened(places.fs, places.open(directory, name));
      }
      const dir = place.fs.openDirectory(place.root, directory);
      try {
        return digestFile(place.fs, dir, name, this.#moves.digest);
      } finally {
        place.fs.closeDirectory(dir);
      }
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return undefined;
    }
  }

  #digestOpened(fs: FileSystem, file: FileHandle): Uint8Array {
    try {
      return digestOpenFile(fs, file, this.#moves.digest);
    } finally {
      fs.closeFile(file);
    }
  }
}
