// Entries of a directory that is complete, as columns: a twentieth of a kilobyte each, where an object for each is half a kilobyte. What
// few entries have stands beside the columns.

import { type ByteString, fromBytes, toBytes } from "../../base/index.ts";
import type { DigestName } from "../../hash/index.ts";
import type { EntryKind, ListedEntry } from "../source.ts";

const kinds: readonly EntryKind[] = [
  "file",
  "directory",
  "symlink",
  "character-device",
  "block-device",
  "fifo",
  "socket",
];
const numbers = ["size", "mtime", "mtimeNanos", "mode", "uid", "gid"] as const;
const names = ["user", "group"] as const;
/** What few entries have. */
const others = [
  ...(["sizeSlack", "mtimeSlack", "linkTarget"] as const),
  ...(["rdevMajor", "rdevMinor", "fileNumber", "pieces", "version"] as const),
];
const digestBytes = 32;
/** What stands for a number that is not known. */
const unknown = Number.NaN;

/** Such entries; they do not change. */
export class PackedEntries {
  readonly count: number;
  readonly #names: Uint8Array;
  readonly #nameEnds: Uint32Array;
  readonly #kinds: Uint8Array;
  readonly #numbers: readonly (Float64Array | Uint32Array | undefined)[];
  /** Of users and groups, which are few. */
  readonly #ownerNames: readonly (ByteString | undefined)[];
  readonly #owners: readonly (Uint32Array | undefined)[];
  readonly #digests: Uint8Array | undefined;
  readonly #digestName: DigestName = "blake3";
  /** Everything else that an entry has, by position. */
  readonly #others = new Map<number, Partial<ListedEntry>>();

  constructor(entries: readonly ListedEntry[]) {
    this.count = entries.length;
    this.#names = toBytes(entries.map(({ name }) => name).join(""));
    this.#nameEnds = new Uint32Array(entries.length);
    this.#kinds = Uint8Array.from(entries, ({ kind }) => kinds.indexOf(kind));
    this.#numbers = numbers.map((key) => columnOf(entries.map((entry) => entry[key] ?? unknown)));
    const known = new Map<ByteString | undefined, number>([[undefined, 0]]);
    const numberOf = (name: ByteString | undefined): number => {
      const number = known.get(name) ?? known.size;
      if (number === known.size) known.set(name, number);
      return number;
    };
    this.#owners = names.map((key) => {
      const column = Uint32Array.from(entries, (entry) => numberOf(entry[key]));
      return column.some((number) => number > 0) ? column : undefined;
    });
    this.#ownerNames = [...known.keys()];
    const first = entries.find(({ digest }) => digest !== undefined)?.digest;
    const isKnown = first !== undefined && first.value.length === digestBytes;
    this.#digests = isKnown ? new Uint8Array(entries.length * digestBytes) : undefined;
    this.#digestName = first?.algorithm ?? "blake3";
    let end = 0;
    for (const [n, entry] of entries.entries()) {
      end += entry.name.length;
      this.#nameEnds[n] = end;
      const { digest } = entry;
      const fits =
        digest?.algorithm === this.#digestName && digest.value.length === digestBytes && isKnown;
      if (digest !== undefined && fits) this.#digests?.set(digest.value, n * digestBytes);
      const rare = othersOf(entry);
      if (digest !== undefined && !fits) rare.push(["digest", digest]);
      // The column has a value for everything.
      else if (digest === undefined && isKnown) rare.push(["digest", undefined]);
      if (rare.length > 0) this.#others.set(n, Object.fromEntries(rare));
    }
  }

  /** Returns them, in the order in which they were given. */
  entries(): ListedEntry[] {
    const found: ListedEntry[] = [];
    for (let n = 0; n < this.count; n++) found.push(this.at(n));
    return found;
  }

  /** Returns one of them. */
  at(n: number): ListedEntry {
    const start = n === 0 ? 0 : (this.#nameEnds[n - 1] as number);
    const [size, mtime, mtimeNanos, mode, uid, gid] = this.#numbers.map((column) => {
      const value = column?.[n] ?? unknown;
      return Number.isNaN(value) ? undefined : value;
    });
    const [user, group] = this.#owners.map((column) => this.#ownerNames[column?.[n] ?? 0]);
    const at = n * digestBytes;
    const value = this.#digests?.slice(at, at + digestBytes);
    return {
      name: fromBytes(this.#names, start, this.#nameEnds[n]) as ByteString,
      kind: kinds[this.#kinds[n] as number] as EntryKind,
      ...{ size, mtime, mtimeNanos, mode, uid, gid, user, group },
      ...(value !== undefined && { digest: { algorithm: this.#digestName, value } }),
      ...this.#others.get(n),
    };
  }
}

function othersOf(entry: ListedEntry): [string, unknown][] {
  const found: [string, unknown][] = [];
  for (const key of others) if (entry[key] !== undefined) found.push([key, entry[key]]);
  return found;
}

/** Undefined = nobody knows any of them. */
function columnOf(values: readonly number[]): Float64Array | Uint32Array | undefined {
  if (values.every(Number.isNaN)) return undefined;
  const isSmall = values.every((value) => value >= 0 && value <= 0xffff_ffff && value % 1 === 0);
  return isSmall ? Uint32Array.from(values) : Float64Array.from(values);
}
