// Where the listings of a tree come from, one directory at a time in listing order: the tree itself,
// or a listing that was written earlier or elsewhere. Whoever compares two of them does not see the
// difference.

import type { ByteString } from "../../base/index.ts";
import { ManifoldError } from "../../base/index.ts";
import type { RootDigests } from "../../cache/index.ts";
import type {
  ChangesetDigest,
  ChangesetRecord,
  Preserved,
  ProblemRecord,
} from "../../changeset/index.ts";
import { addIdNames, ListedDirectory } from "../../changeset/index.ts";
import type { DirHandle, FileHandle, FileSystem } from "../../fs/index.ts";
import type { ListedSignature } from "./carried-signatures.ts";
import { RecordPump } from "./record-pump.ts";

/** A problem as it travels. */
export type ToldProblem = Omit<ProblemRecord, "type">;

/** Where files of the directory that was listed last can be opened. */
export interface OpensFiles {
  readonly fs: FileSystem;
  /** Opens entry `index`, whose name is `name`. Throws FsError. */
  readonly openFile: (name: ByteString, index: number) => FileHandle;
  /** Where the digest of entry `index` is kept; undefined = nowhere. */
  readonly digestsOf: (index: number) => RootDigests | undefined;
}

/** Files of directories that were given before can be opened, if they were noted then. */
export interface NotedFiles {
  readonly fs: FileSystem;
  /** Notes entries of the directory that was given last. */
  readonly note: (names: Iterable<ByteString>) => void;
  /** Opens a file by its directory's path and its name. Throws FsError. */
  readonly open: (path: ByteString, name: ByteString) => FileHandle;
}

/** Listings of one tree. */
export interface ListingStream {
  /** Attributes that the listings have. */
  readonly preserves: readonly Preserved[];
  /** The kind of digests that regular files have in it; undefined = none. */
  readonly digest: ChangesetDigest | undefined;
  /** Returns the next directory, which is valid until it is asked again; undefined at the end. */
  next(): ListedDirectory | undefined;
  /** Takes what could not be read so far. */
  takeProblems(): readonly ToldProblem[];
  /** Files of the tree can be opened: its door and root. Undefined = there is only the listing. */
  readonly place: { readonly fs: FileSystem; readonly root: DirHandle } | undefined;
  /** Files of the directory that was given last can be opened; undefined = there is only the listing. */
  readonly files?: OpensFiles;
  /** Files of earlier directories can be opened, where the tree is at hand but has no one root. */
  readonly places?: NotedFiles;
  /** Gives the signatures that the listing carries of files of the directory that was given last, once. */
  readonly signatures?: () => Iterable<ListedSignature>;
  /** Worst exit status that the stage before had; known at the end. */
  readonly exit: number;
  /** The listing was written to its end. */
  readonly isComplete: boolean;
  close(): void;
}

type ListingContent = Extract<ChangesetRecord, { type: "listing" | "signature" }>;

/** Listings that were written. */
export class WrittenListing implements ListingStream {
  readonly place = undefined;
  readonly preserves: readonly Preserved[];
  readonly digest: ChangesetDigest;
  exit = 0;
  isComplete = false;
  readonly #pump: RecordPump;
  #problems: ToldProblem[] = [];
  readonly #whole = new ListedDirectory();
  /** What comes after the directory that was given last: its first signature, or the next directory. */
  #ahead: ListingContent | undefined;
  /** Names of the entries of the directory that was given last, if signatures follow: those go by numbers, and whoever compares takes entries out. */
  #names: readonly ByteString[] = [];

  /** Reads the header. Throws ManifoldError for what is no listing. */
  constructor(pieces: Iterable<Uint8Array>, name: ByteString) {
    this.#pump = new RecordPump(pieces);
    const first = this.#pump.next();
    if (first?.type !== "header" || first.header.kind !== "listing") {
      throw new ManifoldError(
        "file-select",
        `Cannot compare "${name}": it is a changeset, not a listing`,
      );
    }
    this.preserves = first.header.preserves;
    this.digest = first.header.digest;
  }

  /** All records of a directory are one. */
  next(): ListedDirectory | undefined {
    while (this.#ahead?.type === "signature") this.#ahead = this.#nextRecord();
    const first = this.#ahead?.listing ?? this.#nextListing();
    if (first === undefined) return undefined;
    const whole = this.#whole;
    whole.reset(first.path, first.columns.complete);
    append(whole, first);
    for (;;) {
      this.#ahead = this.#nextRecord();
      if (this.#ahead?.type !== "listing" || this.#ahead.listing.path !== whole.path) break;
      append(whole, this.#ahead.listing);
    }
    const { columns } = whole;
    const isSigned = this.#ahead?.type === "signature";
    this.#names = isSigned ? Array.from({ length: columns.count }, (_, i) => columns.name(i)) : [];
    return whole;
  }

  *signatures(): Generator<ListedSignature> {
    for (; this.#ahead?.type === "signature"; this.#ahead = this.#nextRecord()) {
      const record = this.#ahead;
      yield { name: this.#names[record.index] as ByteString, record };
    }
  }

  /** The first directory, before which there are no signatures. */
  #nextListing(): ListedDirectory | undefined {
    const record = this.#nextRecord();
    return record?.type === "listing" ? record.listing : undefined;
  }

  #nextRecord(): ListingContent | undefined {
    for (;;) {
      const record = this.#pump.next();
      if (record === undefined) return undefined;
      if (record.type === "listing" || record.type === "signature") return record;
      if (record.type === "problem") this.#problems.push(record);
      else if (record.type === "trailer") {
        this.exit = record.trailer.exit;
        this.isComplete = record.trailer.complete;
      }
    }
  }

  takeProblems(): readonly ToldProblem[] {
    const problems = this.#problems;
    this.#problems = [];
    return problems;
  }

  close(): void {
    this.#pump.close();
  }
}

/** Appends the entries of a record. */
function append(whole: ListedDirectory, record: ListedDirectory): void {
  const { columns, states } = record;
  const into = whole.columns;
  if (!columns.complete) into.complete = false;
  for (let i = 0; i < columns.count; i++) {
    const row = into.add(columns.name(i), columns.mode[i] as number);
    into.copyAttributes(row, columns, i);
    const target = columns.linkTargets.get(i);
    if (target !== undefined) into.setLinkTarget(row, target);
    const xattrs = columns.xattrs.get(i);
    if (xattrs !== undefined) into.setXattrs(row, xattrs);
    const digest = states.digests.get(i);
    if (digest !== undefined) whole.states.digests.set(row, digest);
    const link = states.links.get(i);
    if (link !== undefined) whole.states.links.set(row, link);
  }
  addIdNames(record.users, whole.users);
  addIdNames(record.groups, whole.groups);
}
