// What a changeset with content says of a tree, and where in its file the content lies: made from its records, one after another.
// It knows what the changeset brings, and no more: of directories that were there before it, that is a part.

import {
  type ByteString,
  baseName,
  joinPath,
  ManifoldError,
  parentPath,
} from "../../base/index.ts";
import type {
  ChangesetRecord,
  DataRecord,
  Header,
  OrderedDirectory,
} from "../../changeset/index.ts";
import { orderKind, selfName } from "../../changeset/index.ts";
import { isDirectory } from "../../tree/index.ts";
import { kindOf } from "../entry-kind.ts";
import type { ListedEntry, SourceListing } from "../source.ts";

/** Bytes of the changeset, as it is uncompressed. */
export interface Extent {
  readonly position: number;
  readonly length: number;
}

/** An entry as the changeset leaves it. */
export interface HeldEntry {
  readonly entry: ListedEntry;
  /** Of a file's content, one behind the other. */
  readonly extents: readonly Extent[];
}

interface Row {
  entry: ListedEntry;
  readonly extents: Extent[];
  /** Content that is made of something else as well, or could not be had. */
  isLost: boolean;
  /** It is another name of that file. */
  readonly link: ByteString | undefined;
}

interface Folder {
  readonly rows: Map<ByteString, Row>;
  isComplete: boolean;
  self: Partial<ListedEntry> | undefined;
}

/** Such a tree. */
export class ChangesetTree {
  readonly #folders = new Map<ByteString, Folder>();
  readonly #users = new Map<number, ByteString>();
  readonly #groups = new Map<number, ByteString>();
  /** The rows of the record before, for the content that follows it. */
  #rows: (Row | undefined)[] = [];
  #header: Header | undefined;

  constructor() {
    this.#folder("");
  }

  /** What it was made with, once that has been read. */
  get header(): Header | undefined {
    return this.#header;
  }

  /** Takes the next record. Throws ManifoldError "unsupported" for what has no content that could be read. */
  take(record: ChangesetRecord): void {
    if (record.type === "header") this.#begin(record.header);
    else if (record.type === "directory" || record.type === "late") this.#orders(record.orders);
    else if (record.type === "closing") this.#close(record.orders);
    else if (record.type === "data") this.#data(record, record.place);
  }

  /** Returns what is known of a directory; undefined where there is none. */
  list(path: ByteString): SourceListing | undefined {
    const folder = this.#folders.get(path);
    if (folder === undefined) return undefined;
    let { isComplete } = folder;
    const entries: ListedEntry[] = [];
    for (const row of folder.rows.values()) {
      const held = this.#held(row);
      if (held === undefined) isComplete = false;
      else entries.push(held.entry);
    }
    return { entries, isComplete, self: folder.self };
  }

  /** Returns an entry that is not a directory's self; undefined where there is none, or its content is not here. */
  find(path: ByteString): HeldEntry | undefined {
    const row = this.#folders.get(parentPath(path))?.rows.get(baseName(path));
    return row && this.#held(row);
  }

  #begin(header: Header): void {
    this.#header = header;
    const { kind, hasData } = header;
    if (kind === "listing") throw unreadable("it is a listing, which has no content");
    if (!hasData) throw unreadable("it is a changeset without content (manifold send adds it)");
  }

  #orders(orders: OrderedDirectory): void {
    const { path, count } = orders;
    for (const [id, name] of orders.users) this.#users.set(id, name);
    for (const [id, name] of orders.groups) this.#groups.set(id, name);
    const folder = this.#folder(path);
    folder.isComplete &&= orders.complete;
    this.#rows = [];
    for (let i = 0; i < count; i++) {
      const kind = orders.kind[i] as number;
      const mode = orders.after.columns.mode[i] as number;
      if (kind === orderKind.del || mode === 0 || orders.name(i) === selfName) continue;
      const row = this.#row(orders, i);
      this.#rows[i] = row;
      folder.rows.set(row.entry.name, row);
      const wasDirectory = isDirectory(orders.before.columns.mode[i] as number);
      // What was made a directory has nothing but what follows.
      if (isDirectory(mode) && !wasDirectory) {
        this.#folder(joinPath(path, row.entry.name)).isComplete = true;
      }
    }
  }

  #row(orders: OrderedDirectory, i: number): Row {
    const { columns, digests, links } = orders.after;
    const entry = this.#entry(orders, i);
    const digest = digests.get(i);
    const algorithm = this.#header?.digest ?? "blake3";
    const link = links.get(i);
    const kind = orders.kind[i] as number;
    // Only attributes change, or the content is that of something else: it is not here, but of an empty file.
    const isElsewhere = kind === orderKind.meta || kind === orderKind.link;
    return {
      entry: {
        ...entry,
        ...(link !== undefined && { fileNumber: link }),
        ...(digest !== undefined && { digest: { algorithm, value: digest.slice() } }),
      },
      extents: [],
      isLost: entry.kind === "file" && isElsewhere && (columns.size[i] as number) > 0,
      link,
    };
  }

  #entry(orders: OrderedDirectory, i: number): ListedEntry {
    const { columns } = orders.after;
    const preserves = new Set(this.#header?.preserves);
    const mode = columns.mode[i] as number;
    const kind = kindOf(mode);
    const isDevice = kind === "character-device" || kind === "block-device";
    const [uid, gid] = [columns.uid[i] as number, columns.gid[i] as number];
    return {
      name: orders.name(i),
      kind,
      size: kind === "file" ? (columns.size[i] as number) : undefined,
      mtime: columns.mtime[i] as number,
      mtimeNanos: columns.mtimeNanos[i] as number,
      ...(preserves.has("mode") && { mode: mode & 0o7777 }),
      ...(preserves.has("owner") && { uid, user: this.#users.get(uid) }),
      ...(preserves.has("group") && { gid, group: this.#groups.get(gid) }),
      linkTarget: columns.linkTargets.get(i),
      rdevMajor: isDevice ? (columns.rdevMajor[i] as number) : undefined,
      rdevMinor: isDevice ? (columns.rdevMinor[i] as number) : undefined,
    };
  }

  /** The attributes that directories have in the end. */
  #close(orders: OrderedDirectory): void {
    if (orders.count === 0 || orders.name(0) !== selfName) return;
    const { name: _n, kind: _k, ...self } = this.#entry(orders, 0);
    this.#folder(orders.path).self = self;
  }

  #data({ index, tokens, digest }: DataRecord, place: ChangesetRecord["place"]): void {
    const row = this.#rows[index];
    if (row === undefined) return;
    const { body, offset, length } = place;
    const bodyAt = offset + length - body.length;
    for (const token of tokens) {
      if (token.kind !== "literal") row.isLost = true;
      else {
        // Literal bytes are views of the record.
        const position = bodyAt + token.bytes.byteOffset - body.byteOffset;
        row.extents.push({ position, length: token.bytes.length });
      }
    }
    if (digest === null) row.isLost = true;
    else if (digest !== undefined) {
      const algorithm = this.#header?.digest ?? "blake3";
      row.entry = { ...row.entry, digest: { algorithm, value: digest.slice() } };
    }
  }

  #held({ entry, extents, isLost, link }: Row): HeldEntry | undefined {
    if (entry.kind !== "file") return { entry, extents };
    if (link !== undefined) {
      const first = this.#folders.get(parentPath(link))?.rows.get(baseName(link));
      const held = first?.link === undefined ? first && this.#held(first) : undefined;
      return held && { entry, extents: held.extents };
    }
    const length = extents.reduce((sum, extent) => sum + extent.length, 0);
    return isLost || length !== entry.size ? undefined : { entry, extents };
  }

  #folder(path: ByteString): Folder {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const made: Folder = { rows: new Map(), isComplete: false, self: undefined };
    this.#folders.set(path, made);
    if (path === "") return made;
    const { rows } = this.#folder(parentPath(path));
    const name = baseName(path);
    // Nothing of it itself has changed.
    if (!rows.has(name))
      rows.set(name, {
        entry: { name, kind: "directory" },
        extents: [],
        isLost: false,
        link: undefined,
      });
    return made;
  }
}

function unreadable(why: string): ManifoldError {
  return new ManifoldError("unsupported", why);
}
