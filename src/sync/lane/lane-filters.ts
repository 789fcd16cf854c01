// The filter rules in one lane: the level of each directory, on both sides, derived from its
// parents' and kept while the lane is near. Merge files are read where the rules say: in the
// source directory for what is hidden, in the target directory for what is protected.

import { type ByteString, baseName, fromBytes, joinPath, parentPath } from "../../base/index.ts";
import {
  closeRead,
  type DirHandle,
  type FileSystem,
  FsError,
  type OperatorFollow,
} from "../../fs/index.ts";
import type { Hides } from "../../pipeline/index.ts";
import {
  type FileContent,
  FilterLevel,
  type FilterRuleSet,
  mergeFileBytesMax,
  verdictHide,
  verdictProtect,
  verdictProtectLasting,
} from "../../tree/index.ts";

/** Levels kept; directories come in depth-first order, so that few are asked for again. */
const levelsMax = 512;

/** A side of the transfer: where its root lies, and how its directories are reached. */
export interface FilterSideRoot {
  /** Absolute path. */
  readonly path: ByteString;
  readonly dir: () => DirHandle;
  /** Its contents are transferred; false = single entries of it are, whom its merge files do not concern. */
  readonly poured: boolean;
}

/** What a lane's filters work with. */
export interface LaneFilterContext {
  readonly fs: FileSystem;
  readonly rules: FilterRuleSet;
  readonly sources: readonly FilterSideRoot[];
  readonly target: FilterSideRoot | undefined;
  readonly problem: (message: string) => void;
  /** Takes what people want to hear of every decision; undefined = they do not. */
  readonly tell: ((decision: ByteString) => void) | undefined;
}

/** Answers for both sides of the transfer. */
export class LaneFilters {
  readonly #context: LaneFilterContext;
  readonly #levels = new Map<string, FilterLevel>();

  constructor(context: LaneFilterContext) {
    this.#context = context;
  }

  /** What hides entries of the transfer directory `path` that come from source root `root`; `ahead` = silently. */
  hides(root: number, path: ByteString, ahead = false): Hides | undefined {
    const from = this.#context.sources[root];
    if (from === undefined) return undefined;
    const level = this.#level(`${root}`, from, path, "source");
    const hides = asking(level, verdictHide);
    return ahead ? hides : this.#telling(hides, level, path, false);
  }

  /** Says whether people want to hear of every decision. */
  get areTold(): boolean {
    return this.#context.tell !== undefined;
  }

  /**
   * Which directories of the transfer directory `path` --prune-empty-dirs leaves in although they are empty: those
   * that the command line protects.
   */
  keepsEmpty(path: ByteString): Hides | undefined {
    const { rules, target } = this.#context;
    const top = FilterLevel.begin(rules, "target", {
      path: target?.path ?? "/",
      readFile: () => undefined,
    });
    const level = path === "" ? top : top.enter(path, () => undefined);
    return asking(level, verdictProtect);
  }

  /** What protects entries of the target directory `path`; `lasting` = in a directory that is itself deleted. */
  protects(path: ByteString, lasting: boolean): Hides | undefined {
    const { target } = this.#context;
    if (target === undefined) return undefined;
    const level = this.#level("t", target, path, "target");
    const protects = asking(level, lasting ? verdictProtectLasting : verdictProtect);
    return this.#telling(protects, level, path, lasting);
  }

  /** Says whether the rules of the target directory `path` could all be read: else nothing may be deleted there. */
  mayDelete(path: ByteString): boolean {
    const { target } = this.#context;
    return target === undefined || this.#level("t", target, path, "target").problems.length === 0;
  }

  /** Reads rule files anew from here on: the run has written some. */
  forget(): void {
    this.#levels.clear();
  }

  /** Says whether the filters leave an extended attribute alone. */
  excludesXattr(side: "source" | "target", name: ByteString): boolean {
    const from = side === "source" ? this.#context.sources[0] : this.#context.target;
    return (
      from !== undefined &&
      this.#level(side === "source" ? "0" : "t", from, "", side).excludesXattr(name)
    );
  }

  #telling(
    asked: Hides | undefined,
    level: FilterLevel,
    path: ByteString,
    lasting: boolean,
  ): Hides | undefined {
    const { tell } = this.#context;
    if (asked === undefined || tell === undefined) return asked;
    return (names, start, end, isDirectory) => {
      const name = fromBytes(names, start, end);
      const decision = level.describe(path, name, isDirectory, lasting);
      if (decision !== undefined) tell(decision);
      return asked(names, start, end, isDirectory);
    };
  }

  #level(
    key: string,
    from: FilterSideRoot,
    path: ByteString,
    side: "source" | "target",
  ): FilterLevel {
    const known = this.#levels.get(`${key}:${path}`);
    if (known !== undefined) return known;
    const above =
      path === ""
        ? FilterLevel.begin(this.#context.rules, side, {
            path: from.path,
            readFile: (file) => this.#readAbsolute(file),
          })
        : this.#level(key, from, parentPath(path), side);
    const level =
      path === "" && !from.poured
        ? above
        : above.enter(path, (name) => this.#readBelow(from, joinPath(path, name)));
    for (const problem of level.problems) this.#context.problem(problem.message);
    if (this.#levels.size >= levelsMax) this.#levels.clear();
    this.#levels.set(`${key}:${path}`, level);
    return level;
  }

  #readBelow(from: FilterSideRoot, path: ByteString): FileContent {
    return readRuleFile(this.#context.fs, from.dir(), parentPath(path), baseName(path));
  }

  #readAbsolute(path: ByteString): FileContent {
    return readFileAt(this.#context.fs, path, "bounded");
  }
}

/** Reads a rule file by its path as the operator wrote it. */
export function readFileAt(
  fs: FileSystem,
  path: ByteString,
  follow: OperatorFollow = "trusted",
): FileContent {
  const slash = path.lastIndexOf("/");
  const parent = slash < 0 ? "." : path.slice(0, slash) || "/";
  try {
    const dir = fs.openRoot(parent, follow);
    try {
      return readWhole(fs, dir, baseName(path), follow);
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    return reasonOf(error);
  }
}

/** Reads a directory's own rule file: its parents are those of the tree, but where it leads itself may be another's doing. */
function readRuleFile(
  fs: FileSystem,
  root: DirHandle,
  parent: ByteString,
  name: ByteString,
): FileContent {
  try {
    const dir = fs.openDirectory(root, parent, "anywhere");
    try {
      return readWhole(fs, dir, name, "bounded");
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    return reasonOf(error);
  }
}

function readWhole(
  fs: FileSystem,
  dir: DirHandle,
  name: ByteString,
  follow: OperatorFollow,
): FileContent {
  const file = fs.openRead(dir, name, { follow });
  try {
    const bytes = new Uint8Array(mergeFileBytesMax + 1);
    let length = 0;
    for (;;) {
      const got = fs.read(file, bytes, length, bytes.length - length, length);
      if (got === 0) return bytes.slice(0, length);
      length += got;
      if (length > mergeFileBytesMax)
        return { reason: `it is larger than ${mergeFileBytesMax} bytes` };
    }
  } finally {
    closeRead(fs, file);
  }
}

function reasonOf(error: unknown): FileContent {
  if (!(error instanceof FsError)) throw error;
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  return { reason: error.message };
}

function asking(level: FilterLevel, bit: number): Hides | undefined {
  if (level.isEmpty) return undefined;
  return (names, start, end, isDirectory) =>
    (level.verdict(names, start, end, isDirectory) & bit) !== 0;
}
