// Makes a changed version of a tree where it lies: edits, touches, renames, deletions, changes of
// type, mode and owner. Every content edit changes the modification time too (rsync's quick check
// cannot see one that does not), and all times are drawn from the seed, so that the outcome depends on
// the seed and the tree alone.

import { Choice } from "./choice.ts";
import { oddTimes } from "./odd-values.ts";
import type { PlaceEntry, TreePlace } from "./place.ts";
import {
  type ByteString,
  isDirectory,
  isRegular,
  isSymlink,
  joinPath,
  parentPath,
  permissionMask,
} from "./rooms.ts";
import { printable } from "./same-tree.ts";
import { type Variety, VarietyMaker } from "./variety-tree.ts";
import { toPlace, writeNodes } from "./write-tree.ts";

/** What mutateTree may do. */
export interface Mutation extends Variety {
  /** How many changes. Default 12. */
  readonly changes?: number;
}

/** Changes the tree at the place (or below the folder of this path); returns one line for each change. */
export function mutateTree(
  seed: number,
  where: ByteString | TreePlace,
  mutation: Mutation = {},
): string[] {
  return new Mutator(seed, toPlace(where), mutation).run(mutation.changes ?? 12);
}

class Mutator {
  readonly #place: TreePlace;
  readonly #choice: Choice;
  readonly #maker: VarietyMaker;
  readonly #privileged: boolean;
  readonly #oddTimes: boolean;
  readonly #lines: string[] = [];

  constructor(seed: number, place: TreePlace, mutation: Mutation) {
    this.#place = place;
    this.#choice = new Choice(seed ^ 0x5bd1e995);
    this.#maker = new VarietyMaker(seed ^ 0x1b873593, { ...mutation, hardLinks: false });
    this.#privileged = mutation.privileged ?? process.geteuid?.() === 0;
    this.#oddTimes = mutation.oddTimes ?? true;
  }

  run(changes: number): string[] {
    const kinds = [
      this.#edit,
      this.#edit,
      this.#touch,
      this.#changeMode,
      this.#changeOwner,
      this.#rename,
      this.#rename,
      this.#swap,
      this.#changeType,
      this.#remove,
      this.#add,
      this.#add,
      this.#link,
      this.#unlinkGroup,
    ];
    for (let left = changes; left > 0; left--) this.#choice.of(kinds).call(this);
    return this.#lines;
  }

  #paths(wanted: (entry: PlaceEntry, path: ByteString) => boolean): ByteString[] {
    const found: ByteString[] = [];
    const visit = (path: ByteString): void => {
      const entry = this.#place.entry(path);
      if (entry === undefined) return;
      if (wanted(entry, path)) found.push(path);
      if (!isDirectory(entry.mode) || !this.#enterable(entry)) return;
      for (const name of this.#place.names(path)) visit(joinPath(path, name));
    };
    visit("");
    return found;
  }

  #enterable(entry: PlaceEntry): boolean {
    return this.#privileged || (entry.mode & 0o700) === 0o700;
  }

  /** A path that is wanted, never the top. */
  #pick(wanted: (entry: PlaceEntry) => boolean = () => true): ByteString | undefined {
    const paths = this.#paths((entry, path) => path !== "" && wanted(entry));
    return paths.length === 0 ? undefined : this.#choice.of(paths);
  }

  #pickDirectory(): ByteString {
    return this.#choice.of(
      this.#paths((entry) => isDirectory(entry.mode) && this.#enterable(entry)),
    );
  }

  #entry(path: ByteString): PlaceEntry {
    const entry = this.#place.entry(path);
    if (entry === undefined) throw new Error(`Cannot mutate ${printable(path)}: it is not there`);
    return entry;
  }

  #newTime(old: bigint): bigint {
    const drawn =
      this.#oddTimes && this.#choice.percent(40) ? this.#choice.of(oddTimes) : undefined;
    const nanoseconds = this.#oddTimes ? BigInt(this.#choice.below(1_000_000_000)) : 0n;
    const time =
      drawn ??
      (1_650_000_000n + BigInt(this.#choice.below(50_000_000))) * 1_000_000_000n + nanoseconds;
    // Differ by whole seconds: a coarse clock or file system must see it too.
    const distance = time > old ? time - old : old - time;
    return distance < 5_000_000_000n ? old + 7_000_000_000n : time;
  }

  #retime(path: ByteString, old: bigint): void {
    this.#place.setTimes(path, this.#entry(path).atimeNs, this.#newTime(old));
  }

  #freshPath(directory: ByteString): ByteString {
    const taken = new Set(this.#place.names(directory));
    return joinPath(
      directory,
      this.#maker.name((name) => taken.has(name)),
    );
  }

  #say(what: string, ...paths: ByteString[]): void {
    this.#lines.push([what, ...paths.map(printable)].join(" "));
  }

  /** Says it, and gives the directories of these paths, which got or lost a name, a time of ours. */
  #sayNames(what: string, ...paths: ByteString[]): void {
    this.#say(what, ...paths);
    for (const path of new Set(paths.map(parentPath)))
      this.#retime(path, this.#entry(path).mtimeNs);
  }

  #edit(): void {
    const path = this.#pick(
      (entry) => isRegular(entry.mode) && (this.#privileged || (entry.mode & 0o600) === 0o600),
    );
    if (path === undefined) return;
    const old = this.#entry(path);
    const choice = this.#choice;
    const addition = choice.bytes(1 + choice.below(2000));
    const how = choice.of(["within", "append", "cut", "front", "replace"]);
    if (how === "within") {
      const offset = choice.below(old.size + 1);
      const bytes = addition.subarray(0, Math.max(0, Math.min(addition.length, old.size - offset)));
      this.#place.editFile(path, old.size, [{ offset, bytes }]);
    } else if (how === "append") {
      this.#place.editFile(path, old.size + addition.length, [
        { offset: old.size, bytes: addition },
      ]);
    } else if (how === "cut") {
      this.#place.editFile(path, choice.below(old.size + 1), []);
    } else {
      const before = how === "front" ? this.#place.readContent(path) : new Uint8Array(0);
      this.#replace(path, old, Buffer.concat([addition, before]));
    }
    this.#retime(path, old.mtimeNs);
    // Editing in place leaves the directory alone; replacing does not.
    if (how === "front" || how === "replace") this.#sayNames(`edit ${how}`, path);
    else this.#say(`edit ${how}`, path);
  }

  /** Puts a new file of the same attributes at the path, as editors do. */
  #replace(path: ByteString, old: PlaceEntry, bytes: Uint8Array): void {
    this.#place.remove(path);
    this.#place.makeFile(path, bytes.length, [{ offset: 0, bytes }]);
    if (this.#privileged) this.#place.setOwner(path, old.uid, old.gid);
    this.#place.setMode(path, old.mode & permissionMask);
  }

  #touch(): void {
    const path = this.#pick();
    if (path === undefined) return;
    this.#retime(path, this.#entry(path).mtimeNs);
    this.#say("touch", path);
  }

  #changeMode(): void {
    const path = this.#pick((entry) => !isSymlink(entry.mode));
    if (path === undefined) return;
    const directory = isDirectory(this.#entry(path).mode);
    const mode =
      (directory ? this.#maker.directoryAttributes() : this.#maker.fileMode()).mode ?? 0o755;
    this.#place.setMode(path, mode);
    this.#say(`chmod ${mode.toString(8)}`, path);
  }

  #changeOwner(): void {
    const path = this.#privileged ? this.#pick() : undefined;
    if (path === undefined) return;
    const uid = this.#choice.of([0, 1, 1000, 65_534]);
    const gid = this.#choice.of([0, 1, 1000, 65_534]);
    this.#place.setOwner(path, uid, gid);
    this.#say(`chown ${uid}:${gid}`, path);
  }

  #rename(): void {
    const from = this.#pick();
    const directory = this.#pickDirectory();
    if (from === undefined || `${directory}/`.startsWith(`${from}/`)) return;
    const to = this.#freshPath(directory);
    this.#place.rename(from, to);
    this.#sayNames("rename", from, to);
  }

  #swap(): void {
    const one = this.#pick();
    const other = this.#pick();
    if (one === undefined || other === undefined) return;
    if (`${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`)) return;
    const aside = this.#freshPath("");
    this.#place.rename(one, aside);
    this.#place.rename(other, one);
    this.#place.rename(aside, other);
    this.#sayNames("swap", one, other, aside);
  }

  #changeType(): void {
    const path = this.#pick();
    if (path === undefined) return;
    this.#place.remove(path);
    const node = this.#maker.node(path, true);
    writeNodes(this.#place, new Map([[path, node]]));
    this.#sayNames(`becomes ${node.type}`, path);
  }

  #remove(): void {
    const path = this.#pick();
    if (path === undefined) return;
    this.#place.remove(path);
    this.#sayNames("remove", path);
  }

  #add(): void {
    const path = this.#freshPath(this.#pickDirectory());
    const node = this.#maker.node(path, true);
    writeNodes(this.#place, new Map([[path, node]]));
    this.#sayNames(`add ${node.type}`, path);
  }

  #link(): void {
    const from = this.#pick((entry) => !isDirectory(entry.mode));
    if (from === undefined) return;
    const to = this.#freshPath(this.#pickDirectory());
    this.#place.link(from, to);
    this.#sayNames("link", to);
  }

  #unlinkGroup(): void {
    const path = this.#pick((entry) => isRegular(entry.mode) && entry.nlink > 1);
    if (path === undefined) return;
    const old = this.#entry(path);
    if (!this.#privileged && (old.mode & 0o400) === 0) return;
    this.#replace(path, old, this.#place.readContent(path));
    this.#place.setTimes(path, old.atimeNs, old.mtimeNs);
    this.#sayNames("break link", path);
  }
}
