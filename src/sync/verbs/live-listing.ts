// The listings of a tree on this machine: the scan stage, depth first, with what a listing has beyond
// a directory's columns (the root's own entry, hard links by path, names of ids, digests).

import { type ByteString, joinPath } from "../../base/index.ts";
import type { ChangesetDigest } from "../../changeset/index.ts";
import { ListedDirectory, type Preserved, selfName } from "../../changeset/index.ts";
import { type Accounts, type DirHandle, FsError, openAccounts } from "../../fs/index.ts";
import { type Hides, mountPoint, scanDirectory, xattrsOf } from "../../pipeline/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { groupKey, isHardLinked } from "../tasks/link-groups.ts";
import { digestFile } from "./file-digest.ts";
import type { ListingStream, ToldProblem } from "./listing-stream.ts";
import { preservedNames } from "./preserved-names.ts";

/** Names of one hard-link group: the first, and how many are still to come. */
interface Group {
  readonly path: ByteString;
  left: number;
}

/** What a live listing is to have. */
export interface LiveListingOptions {
  /** Side of the transfer: filters hide on the source, and protect on the target. */
  readonly side: "source" | "target";
  /** Digests of regular files; undefined = none. */
  readonly digest?: ChangesetDigest;
}

/** Scans a tree directory by directory. The lane is the caller's to close. */
export class LiveListing implements ListingStream {
  readonly preserves: readonly Preserved[];
  readonly exit = 0;
  readonly isComplete = true;
  readonly #lane: LaneContext;
  readonly #options: LiveListingOptions;
  readonly #listed = new ListedDirectory();
  /** Directories that wait, the next one last. */
  readonly #waiting: ByteString[] = [""];
  readonly #groups = new Map<string, Group>();
  readonly #users = new Set<number>();
  readonly #groupIds = new Set<number>();
  #accounts: Accounts | undefined;

  constructor(lane: LaneContext, options: LiveListingOptions) {
    this.#lane = lane;
    this.#options = options;
    this.preserves = preservedNames(lane.settings.options, lane.diff.attributes);
  }

  get digest(): ChangesetDigest | undefined {
    return this.#options.digest;
  }

  get place(): ListingStream["place"] {
    const { sourceFs, roots } = this.#lane;
    return { fs: sourceFs, root: roots[0]?.dir as DirHandle };
  }

  next(): ListedDirectory | undefined {
    const path = this.#waiting.pop();
    if (path === undefined) return undefined;
    const lane = this.#lane;
    const listed = this.#listed;
    const { columns } = listed;
    listed.reset(path);
    const origin = { root: 0, path, named: 0, order: 0 };
    const context = { ...lane.scan, hides: () => this.#hides(path) };
    scanDirectory(context, { path, origins: [origin], named: [] }, columns);
    if (path === "") this.#addSelf(columns);
    lane.shapeSource?.(columns);
    if (lane.settings.options.walk.recurse) this.#noteSubdirectories(path, columns);
    if (lane.settings.options.preserve.hardLinks) this.#findLinks(listed);
    if (!lane.settings.options.preserve.numericIds) this.#nameIds(listed);
    if (this.#options.digest !== undefined) this.#addDigests(listed, this.#options.digest);
    return listed;
  }

  takeProblems(): readonly ToldProblem[] {
    const problems: ToldProblem[] = [];
    for (const event of this.#lane.takeEvents()) {
      if (event.type !== "problem") continue;
      const { path, role, operation, errno, exit, message } = event;
      problems.push({ path, role, operation, errno, exit, message });
    }
    return problems;
  }

  close(): void {
    this.#groups.clear();
  }

  #hides(path: ByteString): Hides | undefined {
    const { filters } = this.#lane;
    if (filters === undefined) return undefined;
    return this.#options.side === "source" ? filters.hides(0, path) : filters.protects(path, false);
  }

  /** The root's own entry stands first. */
  #addSelf(columns: Directory): void {
    const lane = this.#lane;
    const root = lane.roots[0]?.dir as DirHandle;
    const last = columns.add(selfName, 0);
    lane.sourceFs.statEntries(root, columns, last, last + 1);
    const { xattrs } = lane.scan.options;
    if (xattrs !== undefined && lane.sourceFs.abilities.xattrs) {
      try {
        const found = xattrsOf(lane.sourceFs, root, "", xattrs, columns.mode[last]);
        if (found.length > 0) columns.setXattrs(last, found);
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        lane.problem("source", lane.roots[0]?.label ?? "", error.operation, error.errno);
      }
    }
    columns.select(Uint32Array.from({ length: last + 1 }, (_, i) => (i === 0 ? last : i - 1)));
  }

  #noteSubdirectories(path: ByteString, columns: Directory): void {
    for (let i = columns.count - 1; i >= 0 && columns.isDirectory(i); i--) {
      if (((columns.verdict[i] as number) & mountPoint) !== 0) continue;
      const name = columns.name(i);
      if (name !== selfName) this.#waiting.push(joinPath(path, name));
    }
  }

  #findLinks({ path, columns, states }: ListedDirectory): void {
    for (let i = 0; i < columns.count; i++) {
      if (!isHardLinked(columns, i)) continue;
      const key = groupKey(columns, i);
      const group = this.#groups.get(key);
      if (group === undefined) {
        const left = (columns.nlink[i] as number) - 1;
        this.#groups.set(key, { path: joinPath(path, columns.name(i)), left });
      } else {
        states.links.set(i, group.path);
        if (--group.left === 0) this.#groups.delete(key);
      }
    }
  }

  #nameIds({ columns, users, groups }: ListedDirectory): void {
    this.#accounts ??= openAccounts();
    for (let i = 0; i < columns.count; i++) {
      const [uid, gid] = [columns.uid[i] as number, columns.gid[i] as number];
      if (!this.#users.has(uid)) {
        this.#users.add(uid);
        const name = this.#accounts.userName(uid);
        if (name !== undefined) users.set(uid, name);
      }
      if (!this.#groupIds.has(gid)) {
        this.#groupIds.add(gid);
        const name = this.#accounts.groupName(gid);
        if (name !== undefined) groups.set(gid, name);
      }
    }
  }

  #addDigests({ path, columns, states }: ListedDirectory, digest: ChangesetDigest): void {
    const lane = this.#lane;
    const { fs, root } = this.place as NonNullable<ListingStream["place"]>;
    let dir: DirHandle | undefined;
    try {
      for (let i = 0; i < columns.count; i++) {
        if (!isRegular(columns.mode[i] as number)) continue;
        const name = columns.name(i);
        try {
          dir ??= fs.openDirectory(root, path);
          states.digests.set(i, digestFile(fs, dir, name, digest));
        } catch (error) {
          if (!(error instanceof FsError)) throw error;
          const label = (lane.roots[0]?.label ?? "") + joinPath(path, name);
          lane.problem("source", label, error.operation, error.errno);
        }
      }
    } finally {
      if (dir !== undefined) fs.closeDirectory(dir);
    }
  }
}
