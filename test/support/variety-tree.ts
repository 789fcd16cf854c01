// Seeded trees with every type of file and every oddity we know of. Same seed and options, same tree.

import { Choice } from "./choice.ts";
import {
  oddDirectoryModes,
  oddModes,
  oddNames,
  oddOwners,
  oddSizes,
  oddTargets,
  oddTimes,
  plainDirectoryModes,
  plainModes,
} from "./odd-values.ts";
import type { Region } from "./place.ts";
import {
  type ByteString,
  joinPath,
  typeBlock,
  typeCharacter,
  typeFifo,
  typeSocket,
} from "./rooms.ts";
import type { Attributes, DirectoryNode, FileNode, SpecialNode, TreeNode } from "./tree-literal.ts";

/** What a generated tree may contain. */
export interface Variety {
  /** Entries to make, the top not counted. Default 60. */
  readonly entries?: number;
  /** Levels of directories. Default 4. */
  readonly depth?: number;
  /** Largest file in bytes. Default 70,000. */
  readonly bytesMax?: number;
  /** Devices, foreign owners, modes that lock the owner out. Default: whether we are root. */
  readonly privileged?: boolean;
  /** FIFOs and sockets. Default true. */
  readonly specials?: boolean;
  /** user.* attributes on files and directories. Default false: not every file system has them. */
  readonly xattrs?: boolean;
  /** Names beyond lower-case words. Default true. */
  readonly oddNames?: boolean;
  /** Times before 1970, after 2038 and with nanoseconds. Default true. */
  readonly oddTimes?: boolean;
  readonly hardLinks?: boolean;
  readonly symlinks?: boolean;
  readonly sparse?: boolean;
}

/** Returns the tree of this seed. */
export function varietyTree(seed: number, variety: Variety = {}): DirectoryNode {
  return new VarietyMaker(seed, variety).tree();
}

/** Makes nodes of a variety; also what mutateTree takes its new entries from. */
export class VarietyMaker {
  readonly #choice: Choice;
  readonly #variety: Required<Variety>;
  /** Paths of everything that a hard link may name. */
  readonly #linkable: ByteString[] = [];
  readonly #paths: ByteString[] = [];

  constructor(seed: number, variety: Variety = {}) {
    this.#choice = new Choice(seed);
    this.#variety = {
      entries: 60,
      depth: 4,
      bytesMax: 70_000,
      privileged: process.geteuid?.() === 0,
      specials: true,
      xattrs: false,
      oddNames: true,
      oddTimes: true,
      hardLinks: true,
      symlinks: true,
      sparse: true,
      ...variety,
    };
  }

  /** Returns a whole tree. */
  tree(): DirectoryNode {
    const top: DirectoryNode = { type: "directory", entries: new Map(), ...this.#topAttributes() };
    const open: { path: ByteString; node: DirectoryNode; depth: number }[] = [
      { path: "", node: top, depth: 1 },
    ];
    for (let left = this.#variety.entries; left > 0; left--) {
      const { path, node, depth } = this.#choice.of(open);
      const name = this.name((taken) => node.entries.has(taken));
      const made = this.node(joinPath(path, name), depth < this.#variety.depth);
      node.entries.set(name, made);
      if (made.type === "directory") {
        open.push({ path: joinPath(path, name), node: made, depth: depth + 1 });
      }
    }
    return top;
  }

  /** Returns a name that `taken` does not refuse. */
  name(taken: (name: ByteString) => boolean): ByteString {
    const odd = this.#variety.oddNames && this.#choice.percent(40);
    let name = odd ? this.#choice.of(oddNames) : this.#choice.word();
    while (taken(name)) {
      const suffix = this.#choice.word();
      name = name.slice(0, 250 - suffix.length) + suffix;
    }
    return name;
  }

  /** Returns a node to stand at this path, which later links may name. */
  node(path: ByteString, mayBeDirectory: boolean): TreeNode {
    const node = this.#nodeOf(path, mayBeDirectory);
    this.#paths.push(path);
    if (node.type !== "directory" && node.type !== "hard-link") this.#linkable.push(path);
    return node;
  }

  #nodeOf(path: ByteString, mayBeDirectory: boolean): TreeNode {
    const choice = this.#choice;
    const draw = choice.below(100);
    if (draw < 20 && mayBeDirectory)
      return { type: "directory", entries: new Map(), ...this.directoryAttributes() };
    if (draw < 32 && this.#variety.symlinks) {
      return { type: "symlink", target: this.target(path), ...this.#owner(), ...this.times() };
    }
    if (draw < 40 && this.#variety.hardLinks && this.#linkable.length > 0) {
      return { type: "hard-link", to: choice.of(this.#linkable) };
    }
    if (draw < 48) {
      const special = this.#special();
      if (special !== undefined) return special;
    }
    return this.file();
  }

  /** Returns a regular file, at times sparse. */
  file(): FileNode {
    const choice = this.#choice;
    const content =
      this.#variety.sparse && choice.percent(15) ? this.#sparseContent() : this.#denseContent();
    return {
      type: "file",
      ...content,
      ...this.#owner(),
      ...this.fileMode(),
      ...this.#xattrs(),
      ...this.times(),
    };
  }

  #denseContent(): { size: number; regions: Region[] } {
    const choice = this.#choice;
    const wanted = choice.percent(50) ? choice.of(oddSizes) : choice.below(3000);
    const size = Math.min(wanted, this.#variety.bytesMax);
    const bytes = choice.percent(50)
      ? choice.bytes(size)
      : new Uint8Array(size).fill(choice.below(256));
    return { size, regions: [{ offset: 0, bytes: bytes.subarray(0, size) }] };
  }

  #sparseContent(): { size: number; regions: Region[] } {
    const choice = this.#choice;
    const pages = 1 + choice.below(Math.max(1, Math.floor(this.#variety.bytesMax / 4096)));
    const regions: Region[] = [];
    for (let page = 0; page < pages; page++) {
      if (choice.percent(30))
        regions.push({ offset: page * 4096, bytes: choice.bytes(1 + choice.below(4096)) });
    }
    const last = regions.at(-1);
    const end = last === undefined ? 0 : last.offset + last.bytes.length;
    return { size: Math.max(end, pages * 4096 - choice.below(4096)), regions };
  }

  #special(): SpecialNode | undefined {
    const choice = this.#choice;
    const { specials, privileged } = this.#variety;
    const common = {
      type: "special",
      ...this.#owner(),
      ...this.fileMode(),
      ...this.times(),
    } as const;
    if (privileged && choice.percent(50)) {
      const [major, minor] = choice.of([
        [1, 3],
        [1, 5],
        [8, 0],
        [0, 0],
        [259, 70_000],
        [4095, 255],
      ] as const);
      return { ...common, kind: choice.of([typeBlock, typeCharacter]), major, minor };
    }
    return specials
      ? { ...common, kind: choice.of([typeFifo, typeSocket]), major: 0, minor: 0 }
      : undefined;
  }

  /** Returns a link target for a link at this path: odd, or leading to something of the tree. */
  target(path: ByteString): ByteString {
    if (this.#paths.length === 0 || this.#choice.percent(50)) return this.#choice.of(oddTargets);
    const up = "../".repeat(path.split("/").length - 1);
    return up + this.#choice.of(this.#paths);
  }

  /** Draws both times. */
  times(): Pick<Attributes, "mtime" | "atime"> {
    return { mtime: this.#time(), atime: this.#time() };
  }

  #time(): bigint {
    const choice = this.#choice;
    if (!this.#variety.oddTimes)
      return (1_500_000_000n + BigInt(choice.below(100_000_000))) * 1_000_000_000n;
    if (choice.percent(40)) return choice.of(oddTimes);
    return (
      (1_500_000_000n + BigInt(choice.below(100_000_000))) * 1_000_000_000n +
      BigInt(choice.below(1_000_000_000))
    );
  }

  /** Draws a file's mode. */
  fileMode(): Pick<Attributes, "mode"> {
    return {
      mode: this.#choice.of(this.#variety.privileged ? [...oddModes, ...plainModes] : plainModes),
    };
  }

  /** Draws all attributes of a directory. */
  directoryAttributes(): Attributes {
    const modes = this.#variety.privileged ? oddDirectoryModes : plainDirectoryModes;
    return { ...this.#owner(), mode: this.#choice.of(modes), ...this.#xattrs(), ...this.times() };
  }

  // The top is a folder that tests must be able to remove and to enter.
  #topAttributes(): Attributes {
    return { mode: this.#choice.of(plainDirectoryModes), ...this.times() };
  }

  #owner(): Pick<Attributes, "uid" | "gid"> {
    if (!this.#variety.privileged || this.#choice.percent(50)) return {};
    return { uid: this.#choice.of(oddOwners), gid: this.#choice.of(oddOwners) };
  }

  #xattrs(): Pick<Attributes, "xattrs"> {
    const choice = this.#choice;
    if (!this.#variety.xattrs || choice.percent(70)) return {};
    const xattrs: Record<ByteString, ByteString> = {};
    for (let left = 1 + choice.below(3); left > 0; left--) {
      const value = Buffer.from(choice.bytes(choice.of([0, 1, 5, 32, 33, 300]))).toString("latin1");
      xattrs[`user.${choice.word()}`] = value;
    }
    return { xattrs };
  }
}
