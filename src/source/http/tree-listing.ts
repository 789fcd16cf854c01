// A listing that is known as a whole: every directory's entries by name.

import {
  type ByteString,
  baseName,
  joinPath,
  ManifoldError,
  parentPath,
} from "../../base/index.ts";
import { collectSooner } from "../../schedule/index.ts";
import type { ListedEntry, SourceAbilities, SourceListing } from "../source.ts";
import { SourceError } from "../source-error.ts";
import { type ListingKind, tellsLittle } from "./listing-kind.ts";
import { PackedEntries } from "./packed-entries.ts";

/** What is known beside the entries. */
export interface TreeListingSettings {
  /** For people: "ls-lR.gz". */
  readonly name: string;
  readonly tells?: SourceAbilities["tells"];
  readonly timeStep?: number;
  readonly generation?: string | undefined;
  readonly mirrors?: ListingKind["mirrors"];
  /** Puts an entry right when it is asked for. */
  readonly adjust?: (entry: ListedEntry) => ListedEntry;
}

/** Entries of one list. Arbitrary: some gigabytes of memory. */
const entriesMax = 20_000_000;

/** So many leave little room for garbage beside them. Arbitrary: 30 MB or more. */
const entriesMany = 500_000;

interface Folder {
  entries: Map<ByteString, ListedEntry> | PackedEntries;
  isComplete: boolean;
  self: Partial<ListedEntry> | undefined;
}

/** Listing from memory. */
export class TreeListing implements ListingKind {
  readonly name: string;
  readonly listsAtOnce = true;
  readonly tells: SourceAbilities["tells"];
  readonly timeStep: number;
  readonly generation: string | undefined;
  readonly mirrors: ListingKind["mirrors"];
  readonly #adjust: (entry: ListedEntry) => ListedEntry;
  readonly #folders = new Map<ByteString, Folder>([["", newFolder()]]);
  #count = 0;

  constructor(settings: TreeListingSettings) {
    this.name = settings.name;
    this.tells = settings.tells ?? tellsLittle;
    this.timeStep = settings.timeStep ?? 1;
    this.generation = settings.generation;
    this.mirrors = settings.mirrors;
    this.#adjust = settings.adjust ?? ((entry) => entry);
  }

  /** Adds an entry, and the directories that it lies in. Of what comes twice, what was not known before is added. */
  add(path: ByteString, entry: ListedEntry): void {
    const entries = mapOf(this.#folder(parentPath(path)));
    const known = entries.get(entry.name);
    if (known === undefined) this.#countOne();
    entries.set(entry.name, known === undefined ? entry : { ...entry, ...withoutUnknown(known) });
    if (entry.kind === "directory") this.#folder(path);
  }

  /** Says what is known of a directory itself. */
  describe(path: ByteString, isComplete: boolean, self?: Partial<ListedEntry>): void {
    const folder = this.#folder(path);
    folder.isComplete &&= isComplete;
    folder.self ??= self;
  }

  /** Returns an entry; undefined where there is none. */
  find(path: ByteString): ListedEntry | undefined {
    const folder = this.#folders.get(parentPath(path));
    return folder && mapOf(folder).get(baseName(path));
  }

  /** Puts another entry in the place of one that is there. */
  replace(path: ByteString, entry: ListedEntry): void {
    mapOf(this.#folder(parentPath(path))).set(entry.name, entry);
  }

  /** Nothing more is expected of a directory's entries: they need less room from here on. */
  pack(path: ByteString): void {
    const folder = this.#folders.get(path);
    if (folder !== undefined) folder.entries = new PackedEntries(entriesOf(folder));
  }

  /** Returns all files, directory by directory. */
  *files(): Generator<{ readonly path: ByteString; readonly entry: ListedEntry }> {
    for (const [path, folder] of this.#folders) {
      for (const entry of entriesOf(folder)) {
        if (entry.kind === "file") yield { path: joinPath(path, entry.name), entry };
      }
    }
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    signal.throwIfAborted();
    const folder = this.#folders.get(path);
    if (folder === undefined) throw new SourceError("absent", "There is no such directory");
    const { isComplete, self, entries: packed } = folder;
    const entries = entriesOf(folder).map(this.#adjust);
    if (!(packed instanceof PackedEntries)) return { entries, isComplete, self };
    return { entries, again: (n) => this.#adjust(packed.at(n)), isComplete, self };
  }

  #folder(path: ByteString): Folder {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const made = newFolder();
    this.#folders.set(path, made);
    const entries = mapOf(this.#folder(parentPath(path)));
    const name = baseName(path);
    const kind = entries.get(name)?.kind;
    if (kind === undefined) {
      this.#countOne();
      entries.set(name, { name, kind: "directory" });
    } else if (kind !== "directory") {
      throw new ManifoldError(
        "protocol-data",
        `${this.name} has something below what is no directory`,
      );
    }
    return made;
  }

  #countOne(): void {
    if (++this.#count === entriesMany) collectSooner();
    if (this.#count > entriesMax) {
      throw new ManifoldError("protocol-data", `${this.name} has more than ${entriesMax} entries`);
    }
  }
}

function entriesOf({ entries }: Folder): ListedEntry[] {
  return entries instanceof PackedEntries ? entries.entries() : [...entries.values()];
}

/** To look for names, or to change something. */
function mapOf(folder: Folder): Map<ByteString, ListedEntry> {
  if (folder.entries instanceof PackedEntries) {
    folder.entries = new Map(folder.entries.entries().map((entry) => [entry.name, entry]));
  }
  return folder.entries;
}

function newFolder(): Folder {
  return { entries: new Map(), isComplete: true, self: undefined };
}

function withoutUnknown(entry: ListedEntry): Partial<ListedEntry> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}
