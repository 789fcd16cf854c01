// The lists of a pull by rsync's protocol as directories: each with the record that a lane reads, and the indices by which
// its files are asked for.

import { type ByteString, baseName, parentPath } from "../../base/index.ts";
import { ListedDirectory } from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import { phantom } from "../../pipeline/index.ts";
import {
  brokenProtocol,
  type IdNames,
  type ListTerms,
  listError,
  type PulledList,
  type WireEntry,
} from "../../rsync/index.ts";
import { encodeDirectory } from "../../session/index.ts";
import { Directory, isDirectory, isRegular, mungePrefix } from "../../tree/index.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import {
  type ListedGroup,
  type PulledDirectory,
  type PulledPart,
  parentBeside,
  withoutSlash,
} from "./pulled-directory.ts";
import { fillRow, type RowFacts, roomyDigest } from "./rsync-rows.ts";
import { type ListedXattrs, takesXattr } from "./rsync-xattrs.ts";

/** What is known of a directory from the entry that names it. */
interface Named {
  /** Everything in it is in the transfer. */
  readonly isWhole: boolean;
  /** The nearest directory, this one or above, whose contents an argument brought. */
  readonly top: ByteString;
  /** It only leads to what was asked for. */
  readonly isBare: boolean;
}

/** Takes lists. */
export class RsyncDirectories {
  readonly #terms: ListTerms;
  readonly #recurses: boolean;
  readonly #facts: Omit<RowFacts, "links">;
  /** Directories that were named, until their entries have come. */
  readonly #named = new Map<ByteString, Named>();
  /** Their paths in the order of their numbers. */
  readonly #numbered: (ByteString | undefined)[] = [];
  readonly #users = new Map<number, ByteString>();
  readonly #groups = new Map<number, ByteString>();
  #nextId = 0;
  /** The top's own entry. */
  #self: WireEntry | undefined;
  #selfIndex = 0;
  /** Entries that came at first, in the top, "." aside. */
  #topCount = 0;
  #loneIsFile = false;

  constructor(terms: ListTerms, options: Options, surroundings: Pick<Surroundings, "euid">) {
    const { walk, links } = options;
    this.#terms = terms;
    this.#recurses = walk.recurse;
    // With --no-implied-dirs, parents that only lead somewhere are taken as the target has them.
    const implied = walk.relative && !walk.impliedDirs ? phantom : 0;
    const linkPrefix = links.munge ? mungePrefix : "";
    this.#facts = { implied, linkPrefix, takesXattr: takesXattr(options, surroundings) };
  }

  /** The index of every path, for a server that tells of entries by them. */
  #indices: Map<ByteString, number> | undefined;

  /** Remembers every entry's index; called before lists come. */
  keepIndices(): void {
    this.#indices = new Map();
  }

  /** Returns the index of an entry; where there is only one, that may have another name on the target. */
  indexOf(path: ByteString): number | undefined {
    const name = path === "" ? "." : path.replace(/\/$/, "");
    const found = this.#indices?.get(name);
    if (found !== undefined || this.#indices?.size !== 1) return found;
    return [...this.#indices.values()][0];
  }

  #findEmpty: ((entries: readonly WireEntry[]) => ReadonlySet<ByteString>) | undefined;

  /** --prune-empty-dirs: directories that `find` returns of a whole list are as if they were not there. */
  prune(find: (entries: readonly WireEntry[]) => ReadonlySet<ByteString>): void {
    this.#findEmpty = find;
  }

  /** Lists come while files do. */
  get isIncremental(): boolean {
    return this.#terms.incremental;
  }

  /** What the arguments have brought, once the first list is there. */
  get brought(): { readonly isPoured: boolean; readonly count: number; readonly isFile: boolean } {
    return {
      isPoured: this.#self !== undefined,
      count: this.#topCount,
      isFile: this.#loneIsFile,
    };
  }

  /** Takes names of owners and groups. */
  learn(users: IdNames, groups: IdNames): void {
    for (const [id, name] of users) this.#users.set(id, name);
    for (const [id, name] of groups) this.#groups.set(id, name);
  }

  /** Takes a list; returns its directories, parents first. Throws a protocol-data error. */
  take(list: PulledList): readonly PulledDirectory[] {
    const part: PulledPart = { unsettled: 0 };
    const only = list.directory === undefined ? undefined : this.#pathOf(list.directory);
    const groups = new Map<ByteString, ListedGroup>();
    const groupOf = (path: ByteString): ListedGroup => {
      const known = groups.get(path);
      if (known !== undefined) return known;
      const group = { entries: [], indices: [], absent: [] };
      groups.set(path, group);
      return group;
    };
    groupOf(only ?? "");
    const empty = this.#findEmpty?.(list.entries);
    let previous: WireEntry | undefined;
    let parent: ByteString = "";
    for (const [i, sent] of list.entries.entries()) {
      const entry = withoutSlash(sent);
      this.#learnFrom(entry);
      this.#indices?.set(entry.name, list.start + i);
      const isAgain = previous?.name === entry.name;
      previous = entry;
      if (empty?.has(entry.name)) continue;
      if (entry.name === ".") this.#selfIndex = list.start + i;
      if (isDirectory(entry.mode)) this.#enter(entry, only === undefined, groupOf);
      // Of several entries with one name the first counts, and the others keep their indices.
      if (entry.name === "." || isAgain) continue;
      parent = parentBeside(entry.name, parent);
      if (only !== undefined && parent !== only) {
        throw brokenProtocol(`"${entry.name}" is not in the directory "${only}"`);
      }
      const group = groups.get(parent);
      if (group === undefined) throw brokenProtocol(`the directory of "${entry.name}" is none`);
      if (entry.mode === 0) {
        group.absent.push(baseName(entry.name));
        continue;
      }
      group.entries.push(entry);
      group.indices.push(list.start + i);
    }
    if (only === undefined) this.#noteTop(groupOf("").entries);
    const directories: PulledDirectory[] = [];
    for (const [path, group] of groups) {
      const isEmptyList = group.entries.length + group.absent.length === 0;
      if (isEmptyList && path !== only && !this.#isListedHere(path)) continue;
      part.unsettled++;
      directories.push({
        id: this.#nextId++,
        path,
        part,
        indices: Uint32Array.from(group.indices),
        entries: group.entries,
        absent: group.absent,
        isSettled: false,
      });
    }
    return directories;
  }

  /** A directory without a list of its own in a pull with incremental recursion comes later, or not at all. */
  #isListedHere(path: ByteString): boolean {
    if (path === "") return true;
    return !this.#terms.incremental && this.#named.get(path)?.isWhole === true;
  }

  /** Returns the entries of a directory as those of which extended attributes may be asked for. */
  listedXattrs({ path, entries, indices }: PulledDirectory): ListedXattrs[] {
    if (!this.#terms.xattrs) return [];
    const listed = entries.map((entry, row) => ({
      ...{ entry, index: indices[row] as number },
      replace: (completed: WireEntry): void => {
        entries[row] = completed;
      },
    }));
    const self = this.#self;
    if (path !== "" || self === undefined) return listed;
    const replace = (completed: WireEntry): void => {
      this.#self = completed;
    };
    return [{ entry: self, index: this.#selfIndex, replace }, ...listed];
  }

  /** Says whether a directory's entries are still to come. */
  isAwaited(path: ByteString): boolean {
    return this.#named.get(path)?.isWhole === true;
  }

  #noteTop(entries: readonly WireEntry[]): void {
    this.#topCount = entries.length;
    const [only] = entries;
    this.#loneIsFile = entries.length === 1 && only !== undefined && !isDirectory(only.mode);
  }

  #pathOf(number: number): ByteString {
    const path = this.#numbered[number];
    if (path === undefined) throw brokenProtocol(`it lists directory ${number}, which is none`);
    this.#numbered[number] = undefined;
    return path;
  }

  #learnFrom({ uid, gid, userName, groupName }: WireEntry): void {
    if (userName !== undefined) this.#users.set(uid, userName);
    if (groupName !== undefined) this.#groups.set(gid, groupName);
  }

  #enter(entry: WireEntry, isFirst: boolean, groupOf: (path: ByteString) => unknown): void {
    const path = entry.name === "." ? "" : entry.name;
    this.#numbered.push(path);
    const hasContent = !entry.isBare && (this.#recurses || entry.name === ".");
    if (entry.name === ".") this.#self = entry;
    const above = this.#named.get(parentPath(path))?.top ?? "";
    const top = hasContent && entry.isTop ? path : above;
    if (this.#named.get(path)?.isWhole === true) return;
    this.#named.set(path, { isWhole: hasContent, top, isBare: entry.isBare && entry.isTop });
    // What a first list has of a directory stands in it, whether it is there or not.
    if (isFirst) groupOf(path);
  }

  /**
   * Returns the record of a directory, for a lane. `lastName`: what the one entry of the top is called on the target;
   * `isLooking`: nothing is told of it by this walk.
   */
  record(
    { path, entries, absent }: PulledDirectory,
    errors: number,
    { lastName, isLooking }: { lastName: ByteString | undefined; isLooking: boolean },
  ): Uint8Array {
    const named = this.#named.get(path) ?? { isWhole: false, top: "", isBare: false };
    const listing = this.#listed(path, entries, lastName);
    listing.columns.complete = (errors & listError.general) === 0;
    const self =
      path === "" && this.#self !== undefined && !isLooking
        ? this.#listed("", [this.#self])
        : undefined;
    return encodeDirectory({
      path,
      top: named.top,
      isWhole: named.isWhole,
      listing,
      self,
      hasInodes: this.#terms.hardLinks,
      absent,
      events: [],
    });
  }

  #listed(path: ByteString, entries: readonly WireEntry[], lastName?: ByteString): ListedDirectory {
    const listed = new ListedDirectory(new Directory());
    listed.path = path;
    const { columns, states } = listed;
    columns.reserve(entries.length);
    for (const entry of entries) {
      const name = lastName ?? (entry.name === "." ? "." : baseName(entry.name));
      const row = columns.add(name, entry.mode);
      const { firstLink } = entry;
      const links = firstLink === undefined ? 1 : this.#links.get(firstLink);
      fillRow(columns, row, entry, { links, ...this.#facts });
      if (entry.digest !== undefined && isRegular(entry.mode)) {
        states.digests.set(row, roomyDigest(entry.digest));
      }
      this.#name(listed, entry);
    }
    return listed;
  }

  #name(listed: ListedDirectory, { uid, gid }: WireEntry): void {
    if (this.#terms.numericIds) return;
    const user = this.#users.get(uid);
    const group = this.#groups.get(gid);
    if (user !== undefined) listed.users.set(uid, user);
    if (group !== undefined) listed.groups.set(gid, group);
  }

  /** How many names each file with several has, by the index of its first: known when all lists have come as one. */
  readonly #links = new Map<number, number>();

  /** Counts names of files that have several. */
  countLinks(entries: readonly WireEntry[]): void {
    for (const { firstLink } of entries) {
      if (firstLink !== undefined)
        this.#links.set(firstLink, (this.#links.get(firstLink) ?? 0) + 1);
    }
  }
}
