// What wanted files are ranked by, and the keys under which files are looked for that may be them.

import { toBytes } from "../../base/index.ts";
import { DirectoryTraits, mix, mixDouble, NameTraits } from "./path-traits.ts";
import type { WantedFiles } from "./wanted-files.ts";

/** Seeds that keep keys of different kinds apart; arbitrary. */
const bySize = 0x51e3;
const byTime = 0x71e5;
const bySizeAndName = 0x4a3e;
const bySizeAndPlace = 0x1ace;
const bySizeAndStem = 0x57e1;
const bySizeAndDirectory = 0xd1ec;
const byName = 0x2a3e;
const byPlace = 0x2ace;
const byDirectory = 0x2d1e;
const bySibling = 0x251b;
const byStem = 0x257e;
const byHome = 0x203e;

/** What keys are made of, of a wanted file or of one that is there. */
export interface FileTraits {
  readonly size: number;
  readonly mtime: number;
  readonly name: NameTraits;
  readonly directory: DirectoryTraits;
}

/** The key of a size. */
export function sizeKey(size: number): number {
  return mixDouble(bySize, size);
}

/** Visits the keys of what has the same size and something more. */
export function eachSizeKey(
  { size, mtime, name, directory }: FileTraits,
  visit: (key: number) => void,
): void {
  visit(mixDouble(mixDouble(byTime, size), mtime));
  visit(mix(mixDouble(bySizeAndName, size), name.name));
  visit(mix(mix(mixDouble(bySizeAndPlace, size), name.name), directory.base));
  visit(mix(mix(mixDouble(bySizeAndStem, size), name.stem), name.extension));
  visit(mix(mixDouble(bySizeAndDirectory, size), directory.path));
}

/** Visits the keys of what has a name that is like it. */
export function eachNameKey(
  { name, directory }: Pick<FileTraits, "name" | "directory">,
  visit: (key: number) => void,
): void {
  visit(mix(byName, name.name));
  visit(mix(mix(byPlace, name.name), directory.base));
  visit(mix(mix(mix(byDirectory, name.stem), name.extension), directory.path));
  visit(mix(mix(mix(bySibling, name.stem), name.extension), directory.parent));
  visit(mix(mix(byStem, name.stem), name.extension));
}

/** The key of a name in a directory, whose path has this hash. */
export function homeKey(name: NameTraits, path: number): number {
  return mix(mix(byHome, name.name), path);
}

/** Traits of wanted files: those of directories are kept, names are read again. */
export class WantedTraits implements FileTraits {
  size = 0;
  mtime = 0;
  readonly name = new NameTraits();
  directory = new DirectoryTraits();
  readonly #wanted: WantedFiles;
  readonly #directories: readonly DirectoryTraits[];

  constructor(wanted: WantedFiles) {
    this.#wanted = wanted;
    this.#directories = wanted.directories.map((path) => {
      const bytes = toBytes(path);
      const traits = new DirectoryTraits();
      traits.read(bytes, 0, bytes.length);
      return traits;
    });
  }

  /** Makes this the traits of file `i`. */
  read(i: number): void {
    const { size, mtime, names, nameStart, nameLength, directory } = this.#wanted;
    this.size = size[i] as number;
    this.mtime = mtime[i] as number;
    const start = nameStart[i] as number;
    this.name.read(names, start, start + (nameLength[i] as number));
    this.directory = this.#directories[directory[i] as number] as DirectoryTraits;
  }
}
