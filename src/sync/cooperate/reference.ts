// What the tree is, for everybody who works at it: the listing of one source, which whoever conducted first has published in the
// job's folder (in the form of `manifold scan`), and a word that says whose it is. Published is what has a number: the highest counts.

import { type ByteString, joinPath, ManifoldError, type Random, toText } from "../../base/index.ts";
import {
  ChangesetReader,
  ChangesetWriter,
  type Header,
  type ListedDirectory,
  selfName,
} from "../../changeset/index.ts";
import {
  type ListedEntry,
  ListingRecords,
  type Source,
  type SourceAbilities,
  SourceError,
  type SourceListing,
} from "../../source/index.ts";
import type { FilterLevel, ProblemEvent } from "../../tree/index.ts";
import type { KnownState } from "../mirror/choose-reference.ts";
import { FileNumbers, listedOf, selfOf } from "../mirror/listing-record.ts";
import type { MirrorDirectories } from "../mirror/mirror-directories.ts";
import { hidesOf } from "../mirror/mirror-listings.ts";
import type { JobFolder } from "./job-folder.ts";
import { isKnownState } from "./member-line.ts";

/** Whose listing it is, and what that source can tell. */
export interface ReferenceWord {
  readonly url: ByteString;
  readonly tells: SourceAbilities["tells"];
  readonly timeStep: number | undefined;
  /** Which state the tree is in, for people. */
  readonly generation: string | undefined;
  /** The same, for comparing; undefined = nobody has asked, or nothing tells it. */
  readonly state?: KnownState | undefined;
  readonly listing: ByteString;
}

/** A word that is published. */
export interface PublishedReference extends ReferenceWord {
  readonly number: number;
}

const wordName = (number: number): ByteString => `reference.${number}`;
const held = 1024 * 1024;

/** Returns what is published last; undefined = nothing is. Throws FsError, and ManifoldError for what is no such word. */
export function publishedReference(folder: JobFolder): PublishedReference | undefined {
  let found: PublishedReference | undefined;
  for (let number = 0; ; number++) {
    const text = folder.word(wordName(number));
    if (text === undefined) return found;
    found = { ...(parseWord(text) as ReferenceWord), number };
  }
}

/** Returns when that was published, by the file system's clock, in seconds. Throws FsError. */
export function publishedAt(folder: JobFolder, number: number): number | undefined {
  return folder.wordTime(wordName(number));
}

function parseWord(text: ByteString): ReferenceWord {
  try {
    const value = JSON.parse(text) as Partial<ReferenceWord>;
    const { url, tells, listing, timeStep, generation, state } = value;
    const isGood =
      typeof url === "string" &&
      typeof listing === "string" &&
      !listing.includes("/") &&
      typeof tells === "object" &&
      (timeStep === undefined || typeof timeStep === "number") &&
      (state === undefined || isKnownState(state));
    if (isGood && tells !== null && tells !== undefined) {
      return { url, tells, listing, timeStep, generation, state };
    }
  } catch (cause) {
    throw new ManifoldError("protocol-data", "What the processes share is not readable", { cause });
  }
  throw new ManifoldError("protocol-data", "What the processes share is not readable");
}

/** What is published. */
export interface ToPublish {
  readonly directories: MirrorDirectories;
  readonly filters: FilterLevel | undefined;
  /** The tree's name below the target; undefined = its contents go there. */
  readonly name: ByteString | undefined;
  readonly word: Omit<ReferenceWord, "listing">;
  readonly number: number;
  readonly random: Random;
  /** Hears of entries that are of no use. */
  readonly tell: (problem: ProblemEvent) => void;
  /** It is still for this process to do. */
  readonly isOurs: () => boolean;
}

/** Lists all of a source, and publishes that. Throws FsError. */
export async function publishReference(folder: JobFolder, what: ToPublish): Promise<void> {
  const listing = `listing.${what.number}.${what.random.uint32().toString(16)}`;
  const file = folder.makeFile(listing);
  try {
    await writeTree(what, (bytes) => file.write(bytes));
  } catch (error) {
    folder.dropFile(listing);
    throw error;
  } finally {
    file.close();
  }
  const word = JSON.stringify({ ...what.word, listing });
  if (!what.isOurs() || !folder.publish(wordName(what.number), word)) folder.dropFile(listing);
}

async function writeTree(what: ToPublish, sink: (bytes: Uint8Array) => void): Promise<void> {
  const tree = new TreeWriter(what, sink);
  await tree.write("");
  tree.finish();
}

/** Writes directory after directory, depth first. */
class TreeWriter {
  readonly #what: ToPublish;
  readonly #fileNumbers = new FileNumbers();
  readonly #firstOf = new Map<string, ByteString>();
  readonly #told = { users: new Set<number>(), groups: new Set<number>() };
  readonly #sink: (bytes: Uint8Array) => void;
  #writer: ChangesetWriter | undefined;

  constructor(what: ToPublish, sink: (bytes: Uint8Array) => void) {
    this.#what = what;
    this.#sink = sink;
  }

  async write(path: ByteString): Promise<void> {
    const { directories, filters, name } = this.#what;
    const { listing, problems } = await directories.take(path);
    const shown = name === undefined ? path : joinPath(name, path);
    const {
      listed,
      order,
      problems: met,
    } = listedOf(listing, {
      path,
      hides: filters && hidesOf(filters, shown),
      fileNumbers: this.#fileNumbers,
      problems,
    });
    const rows = Array.from(order, (n) => listing.entries[n] as ListedEntry);
    // Directories that could not be listed are told by whoever reads that.
    met.slice(problems.length).forEach(this.#what.tell);
    const writer = this.#writerFor(rows);
    for (const { operation, message } of problems) {
      writer.problem({ path, role: "source", operation, errno: 0, exit: 23, message });
    }
    this.#complete(listed, rows, writer.header);
    if (path === "") addSelf(listed, listing);
    writer.listing(listed);
    for (const entry of rows) {
      if (entry.kind === "directory") await this.write(joinPath(path, entry.name));
    }
  }

  finish(): void {
    this.#writerFor([]).finish({ complete: true, exit: 0 });
  }

  #writerFor(rows: readonly ListedEntry[]): ChangesetWriter {
    // Listings have digests of one kind.
    const isSha = rows.some(({ digest }) => digest?.algorithm === "sha256");
    this.#writer ??= new ChangesetWriter(headerOf(isSha ? "sha256" : "blake3"), this.#sink, held);
    return this.#writer;
  }

  /** Adds digests, links, and the names of ids where they are met first. */
  #complete(listed: ListedDirectory, rows: readonly ListedEntry[], { digest: kept }: Header): void {
    for (const [row, { digest, fileNumber, name }] of rows.entries()) {
      if (digest?.algorithm === kept) listed.states.digests.set(row, digest.value);
      if (fileNumber === undefined) continue;
      const first = this.#firstOf.get(fileNumber);
      if (first !== undefined) listed.states.links.set(row, first);
      else this.#firstOf.set(fileNumber, joinPath(listed.path, name));
    }
    keepNew(listed.users, this.#told.users);
    keepNew(listed.groups, this.#told.groups);
  }
}

function headerOf(digest: Header["digest"]): Header {
  const preserves = ["mode", "mtime", "owner", "group", "hard-links"] as const;
  return {
    ...{ kind: "listing", digest, compression: "none", hasData: false, preserves },
    ...{ options: new Map(), filters: [], program: "manifold" },
  };
}

function keepNew(names: Map<number, ByteString>, told: Set<number>): void {
  for (const id of [...names.keys()]) {
    if (told.has(id)) names.delete(id);
    told.add(id);
  }
}

/** The root's own entry stands first. */
function addSelf(listed: ListedDirectory, listing: SourceListing): void {
  const self = selfOf(listing);
  if (self === undefined) return;
  const { columns } = listed;
  const order = new Uint32Array(columns.count + 1);
  const last = columns.add(selfName, self.columns.mode[0] as number);
  for (const column of ["mtime", "mtimeNanos", "uid", "gid", "size"] as const) {
    columns[column][last] = self.columns[column][0] as number;
  }
  order[0] = last;
  for (let i = 0; i < last; i++) order[i + 1] = i;
  const { digests, links } = listed.states;
  columns.select(order);
  for (const side of [digests, links] as Map<number, unknown>[]) {
    const before = [...side];
    side.clear();
    for (const [row, value] of before) side.set(row + 1, value);
  }
}

/** The published listing, as a source that only lists. */
export class ReferenceSource implements Source {
  readonly url: string;
  readonly abilities: SourceAbilities;
  readonly #list: (path: ByteString, signal: AbortSignal) => Promise<SourceListing>;

  constructor(word: ReferenceWord, list: ReferenceSource["list"]) {
    this.url = toText(word.url);
    this.#list = list;
    this.abilities = {
      ...{ ranges: false, listsAtOnce: true, digests: false, connectionsMax: 4, depth: 1 },
      ...{ tells: word.tells, timeStep: word.timeStep, generation: word.generation },
    };
  }

  async probe(): Promise<SourceAbilities> {
    return this.abilities;
  }

  list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    return this.#list(path, signal);
  }

  async look({ entry }: { readonly entry: ListedEntry }): Promise<ListedEntry> {
    return entry;
  }

  // biome-ignore lint/correctness/useYield: it only fails.
  async *read(): AsyncIterable<Uint8Array> {
    throw new SourceError("absent", "A listing has no contents");
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

/** Reads what was published. Throws FsError, and ManifoldError for what is no listing. */
export function readReference(folder: JobFolder, word: ReferenceWord): ReferenceSource {
  const records = new ListingRecords(word.generation ?? "");
  const reader = new ChangesetReader();
  const unlisted = new Map<ByteString, string>();
  folder.readFile(word.listing, (bytes) => {
    reader.push(bytes);
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      if (record.type === "header") records.begin(record.header);
      else if (record.type === "listing") records.take(record.listing);
      else if (record.type === "problem") unlisted.set(record.path, toText(record.message ?? ""));
    }
  });
  reader.finish();
  const tree = records.finish();
  return new ReferenceSource(word, async (path, signal) => {
    const why = unlisted.get(path);
    if (why !== undefined) throw new SourceError("unreadable", why);
    const { entries, isComplete, self } = await tree.list(path, signal);
    const known = entries.map((entry) => asTold(entry, word));
    return { entries: known, isComplete, self: self && asTold(self, word) };
  });
}

/** Leaves out what the source did not tell: columns have a value for everything. */
function asTold<T extends Partial<ListedEntry>>(entry: T, { tells, timeStep }: ReferenceWord): T {
  const { mtime = 0, mtimeNanos = 0, kind } = entry;
  const hasTime = timeStep !== undefined && (mtime !== 0 || mtimeNanos !== 0);
  const isTold = kind !== "directory" || tells.directoryTimes;
  const unknown = { mtime: undefined, mtimeNanos: undefined };
  const nobody = { uid: undefined, gid: undefined, user: undefined, group: undefined };
  return {
    ...entry,
    ...(!(hasTime && isTold) && unknown),
    ...(!tells.modes && { mode: undefined }),
    ...(!tells.owners && nobody),
    ...(!tells.hardLinks && { fileNumber: undefined }),
  };
}
