// A door around a door, to one directory and what is below it: whatever paths are asked for, and
// wherever symbolic links point, nothing else can be reached. It may also refuse all changes, and hide names.
//
// Around the machine's door, whose calls by name follow no link; links are followed here, by hand, to a path
// without links. So nothing that changes meanwhile leads outside: at worst a call fails.

import { type ByteString, baseName, errno, joinPath, parentPath } from "../../base/index.ts";
import { Directory, isDirectory, isSymlink, stateDirectory } from "../../tree/index.ts";
import { passThrough } from "../fake-super/index.ts";
import {
  type DirHandle,
  type FileHandle,
  type FileSystem,
  type Follow,
  Stat,
} from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { manyFilesCalls } from "../many-files.ts";
import { cleanPath, followLinks } from "./confined-paths.ts";
import type { Confinement } from "./confinement.ts";
import { guardedCalls, type NameGuard } from "./guarded-calls.ts";
import { HiddenNames } from "./hidden-names.ts";
import { mungingLinks } from "./munging-links.ts";
import { refusingChanges } from "./refusing-changes.ts";

/** Returns the door around `inner`. Handles are the inner door's. Throws FsError when the root cannot be opened. */
export function confinedFileSystem(inner: FileSystem, confinement: Confinement): FileSystem {
  const confined = new Confined(inner, confinement);
  const door: FileSystem = {
    ...passThrough(inner),
    ...(confined.hides && guardedCalls(inner, confined)),
    ...passThrough(confined),
    kind: inner.kind,
    abilities: inner.abilities,
    machine: inner.machine ?? inner,
  };
  // These work on many names at once, and look at none of them.
  for (const call of manyFilesCalls) delete door[call];
  const shown = confinement.munge ? mungingLinks(door) : door;
  return confinement.readOnly ? refusingChanges(shown) : shown;
}

/** Two paths below the root. */
interface Place {
  /** Without links. */
  readonly real: ByteString;
  /** What rules are about. */
  readonly judged: ByteString;
}

type Overridden =
  | "openRoot"
  | "openDirectory"
  | "closeDirectory"
  | "readNames"
  | "statEntries"
  | "stat"
  | "openRead";

/** The calls that look. */
type Seeing = Pick<FileSystem, "stat" | "statEntries" | "openRead">;

/** Doors have no end of their own: what one has pinned is let go when nobody has it any more. A process may serve many. */
const unreachable = new FinalizationRegistry<() => void>((letGo) => letGo());

class Confined implements Pick<FileSystem, Overridden>, NameGuard {
  readonly #inner: FileSystem;
  readonly #root: DirHandle;
  readonly #hidden: HiddenNames | undefined;
  readonly #byName: boolean;
  readonly #followsOut: boolean;
  /** Where open directories lie below the root, and the names by which they were reached, which rules may be about instead. */
  readonly #places = new Map<DirHandle, Place>();
  readonly #stat = new Stat();
  readonly #one = new Directory();

  constructor(
    inner: FileSystem,
    { root, rules, hidesByName = false, followsOut = false }: Confinement,
  ) {
    this.#inner = inner;
    this.#byName = hidesByName;
    this.#followsOut = followsOut;
    const pinned = inner.openRoot(root, "anywhere");
    this.#root = pinned;
    unreachable.register(this, () => inner.closeDirectory(pinned));
    this.#hidden = rules === undefined || rules.isEmpty ? undefined : new HiddenNames(rules);
  }

  openRoot(path: ByteString): DirHandle {
    if (path === "") throw new FsError(errno.ENOENT, "open", path);
    const wanted = cleanPath(path);
    return this.#follow(wanted, wanted, path);
  }

  openDirectory(dir: DirHandle, path: ByteString, follow: Follow = "none"): DirHandle {
    const from = this.#placeOf(dir);
    const judged = cleanPath(joinPath(from.judged, path));
    if ((follow !== "none" && follow !== "beneath") || (follow === "beneath" && this.#followsOut)) {
      return this.#follow(cleanPath(joinPath(from.real, path)), judged, path);
    }
    if (follow === "beneath" && path !== "") {
      const climbs = path.startsWith("/") || path.split("/").includes("..");
      if (climbs) throw new FsError(errno.EXDEV, "open", path);
      return this.#open(joinPath(from.real, followLinks(this.#inner, dir, path)), judged, path);
    }
    // Who is in it has been let in.
    if (judged !== from.judged) this.#refuseHidden(judged, path);
    const handle = this.#inner.openDirectory(dir, path, "none");
    return this.#keep(handle, { real: cleanPath(joinPath(from.real, path)), judged });
  }

  /** Opens the directory that a clean path leads to from the root; `judged`: the names by which it is asked for. */
  #follow(wanted: ByteString, judged: ByteString, written: ByteString): DirHandle {
    if (this.#followsOut) {
      const handle = this.#inner.openDirectory(this.#root, wanted, "anywhere");
      return this.#keep(handle, { real: wanted, judged });
    }
    return this.#open(followLinks(this.#inner, this.#root, wanted), judged, written);
  }

  /** Pins the directory at a path without links. */
  #open(real: ByteString, judged: ByteString, written: ByteString): DirHandle {
    if (!this.#byName) this.#refuseHidden(real, written);
    const handle = this.#inner.openDirectory(this.#root, real, "none");
    return this.#keep(handle, { real, judged: this.#byName ? judged : real });
  }

  #keep(handle: DirHandle, place: Place): DirHandle {
    this.#places.set(handle, place);
    return handle;
  }

  closeDirectory(dir: DirHandle): void {
    this.#places.delete(dir);
    this.#inner.closeDirectory(dir);
  }

  readNames(dir: DirHandle, listing: Directory): void {
    const first = listing.count;
    this.#inner.readNames(dir, listing);
    const hidden = this.#hidden;
    if (hidden === undefined) return;
    const { judged } = this.#placeOf(dir);
    const kept: number[] = [];
    for (let i = 0; i < listing.count; i++) {
      const name = listing.name(i);
      if (i < first || !hidden.has(judged, name, this.#isDirectory(dir, name))) kept.push(i);
    }
    if (kept.length < listing.count) listing.select(Uint32Array.from(kept));
  }

  statEntries(dir: DirHandle, listing: Directory, from: number, to: number, follow = false): void {
    this.#inner.statEntries(dir, listing, from, to);
    for (let i = from; i < to; i++) {
      const mode = listing.mode[i] as number;
      if (listing.problem[i] !== 0) continue;
      if (this.#isHidden(dir, listing.name(i), isDirectory(mode))) {
        setProblem(listing, i, errno.ENOENT);
      } else if (follow && isSymlink(mode)) this.#statTarget(dir, listing, i);
    }
  }

  stat(dir: DirHandle, name: ByteString, into: Stat, follow = false): boolean {
    if (!this.#inner.stat(dir, name, into)) return false;
    if (this.#isHidden(dir, name, isDirectory(into.mode))) return false;
    if (!follow || !isSymlink(into.mode)) return true;
    if (this.#followsOut) return this.#inner.stat(dir, name, into, true);
    try {
      return this.#atTarget(dir, name, (door, at, last) => door.stat(at, last, into));
    } catch (error) {
      if (error instanceof FsError && isAbsence(error.errno)) return false;
      throw error;
    }
  }

  openRead(
    dir: DirHandle,
    name: ByteString,
    options: { noAtime?: boolean; follow?: Follow } = {},
  ): FileHandle {
    this.refuseAbsent(dir, name);
    const { follow = "none" } = options;
    const plain = { ...options, follow: "none" } as const;
    const isLink = this.#inner.stat(dir, name, this.#stat) && isSymlink(this.#stat.mode);
    if (follow !== "none" && isLink && !this.#followsOut) {
      // Whoever wants to stay below this directory must not leave it; the root is another matter.
      if (follow === "beneath") followLinks(this.#inner, dir, name);
      return this.#atTarget(dir, name, (door, at, last) => door.openRead(at, last, plain));
    }
    return this.#inner.openRead(dir, name, this.#followsOut ? options : plain);
  }

  /** A handle that this door did not give could lie anywhere. */
  #placeOf(dir: DirHandle): Place {
    const place = this.#places.get(dir);
    if (place === undefined) throw new FsError(errno.EBADF, "open", "");
    return place;
  }

  /** Runs what works on the entry that a link leads to, in that entry's directory. */
  #atTarget<Result>(
    dir: DirHandle,
    name: ByteString,
    act: (door: Seeing, dir: DirHandle, name: ByteString) => Result,
  ): Result {
    const real = followLinks(this.#inner, this.#root, joinPath(this.#placeOf(dir).real, name));
    const parent = this.#open(parentPath(real), "", name);
    try {
      // Where names are judged, the link's own has been.
      const door = this.#byName ? this.#inner : this;
      return act(door, parent, real === "" ? "." : baseName(real));
    } finally {
      this.closeDirectory(parent);
    }
  }

  #statTarget(dir: DirHandle, listing: Directory, index: number): void {
    const one = this.#one;
    if (this.#followsOut) {
      this.#inner.statEntries(dir, listing, index, index + 1, true);
      return;
    }
    try {
      this.#atTarget(dir, listing.name(index), (door, at, last) => {
        one.clear();
        one.add(last, 0);
        door.statEntries(at, one, 0, 1);
      });
      listing.copyAttributes(index, one, 0);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      setProblem(listing, index, error.errno);
    }
  }

  #isDirectory(dir: DirHandle, name: ByteString): boolean {
    return this.#inner.stat(dir, name, this.#stat) && isDirectory(this.#stat.mode);
  }

  #isHidden(dir: DirHandle, name: ByteString, isDirectory: boolean): boolean {
    if (this.#hidden === undefined || name === "" || name === ".") return false;
    return this.#hidden.has(this.#placeOf(dir).judged, name, isDirectory);
  }

  /** Some names are hidden. */
  get hides(): boolean {
    return this.#hidden !== undefined;
  }

  refuseAbsent(dir: DirHandle, name: ByteString): void {
    if (this.#hidden === undefined || name === "" || name === ".") return;
    if (!this.#hidden.has(this.#placeOf(dir).judged, name, this.#isDirectory(dir, name))) return;
    throw new FsError(errno.ENOENT, "open", name);
  }

  #refuseHidden(judged: ByteString, written: ByteString): void {
    const hidden = this.#hidden;
    if (hidden === undefined) return;
    const isHidden = this.#byName ? hidden.hasPath(judged) : hidden.hasAbove(judged);
    if (isHidden) throw new FsError(errno.ENOENT, "open", written);
  }

  refuseSelf(dir: DirHandle): void {
    this.#refuseHidden(this.#placeOf(dir).judged, ".");
  }

  refuseNew(dir: DirHandle, name: ByteString, isDirectory: boolean): void {
    if (!this.#isHidden(dir, name, isDirectory)) return;
    throw new FsError(errno.EACCES, isDirectory ? "mkdir" : "open", name);
  }

  refuseMove(dir: DirHandle, name: ByteString, toDir: DirHandle, toName: ByteString): void {
    const isWhole = this.#isDirectory(dir, name);
    this.refuseNew(toDir, toName, isWhole);
    // What is in it would come to names that nobody has asked about.
    const isStaged = this.#placeOf(toDir).real.split("/").includes(stateDirectory);
    if (isWhole && !isStaged) throw new FsError(errno.EACCES, "rename", toName);
  }
}

function setProblem(listing: Directory, index: number, problem: number): void {
  listing.mode[index] = 0;
  listing.problem[index] = problem;
}

function isAbsence(number: number): boolean {
  return number === errno.ENOENT || number === errno.ENOTDIR;
}
