// Looks at what source arguments name before the run starts, as rsync does: what is missing is told
// and left out, what the filters hide is left out silently, and the rest of the arguments go on.

import { type ByteString, joinPath, toBytes } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import {
  FilterLevel,
  type FilterRuleSet,
  isDirectory,
  isSymlink,
  type ProgressEvent,
  verdictHide,
} from "../../tree/index.ts";
import type { SourceArgument } from "./source-argument.ts";

/** What looking needs. */
export interface EyesContext {
  readonly fs: FileSystem;
  readonly options: Options;
  readonly filterRules: FilterRuleSet | undefined;
  readonly workingDirectory: ByteString;
}

/** What was seen of an argument: the mode of what it names, 0 = nothing, but its name counts all the same. */
export interface Seen {
  readonly mode: number;
}

const absent = 2;
const stat = new Stat();

/** Looks at arguments one after the other. */
export class ArgumentEyes {
  /** What there is to tell, in order. */
  readonly events: ProgressEvent[] = [];
  /** Something that may exist could not be looked at: nothing may be deleted on account of its absence. */
  incomplete = false;
  readonly #context: EyesContext;
  #dotTold = false;
  readonly #missingParents = new Set<ByteString>();
  #base: { readonly path: ByteString; readonly dir: DirHandle } | undefined;
  readonly #levels = new Map<ByteString, FilterLevel>();

  constructor(context: EyesContext) {
    this.#context = context;
  }

  /** Looks at an argument; undefined = it is no part of the transfer. */
  look(argument: SourceArgument): Seen | undefined {
    const { base, path } = argument;
    const dir = this.#open(base);
    if (dir === undefined) return undefined;
    if (argument.dot) this.#tellDot();
    if (path.length === 0) return this.#lookAtContents(dir);
    const mode = this.#stat(dir, argument);
    if (mode === undefined || this.#isHidden(argument, mode)) return undefined;
    if (!isDirectory(mode) || this.#context.options.walk.dirs) return { mode };
    this.#note(`skipping directory ${path.join("/")}`);
    return undefined;
  }

  /** Says whether the base of the argument that was looked at last could be opened. */
  canOpen(base: ByteString): boolean {
    return this.#base?.path === base;
  }

  /** Lets go of what is open. */
  close(): void {
    if (this.#base !== undefined) this.#context.fs.closeDirectory(this.#base.dir);
    this.#base = undefined;
  }

  #open(path: ByteString): DirHandle | undefined {
    if (this.#base?.path === path) return this.#base.dir;
    this.close();
    try {
      const dir = this.#context.fs.openRoot(path, "anywhere");
      this.#base = { path, dir };
      return dir;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      this.incomplete = true;
      this.#problem(path === "/" ? path : `${path}/`, "change_dir", error.errno);
      return undefined;
    }
  }

  /** "./PATH" names the base, too, which is a directory. */
  #tellDot(): void {
    if (!this.#dotTold && !this.#context.options.walk.dirs) this.#note("skipping directory .");
    this.#dotTold = true;
  }

  #lookAtContents(dir: DirHandle): Seen | undefined {
    const { fs, options } = this.#context;
    if (!options.walk.dirs) {
      this.#note("skipping directory .");
      return undefined;
    }
    fs.statDirectory(dir, stat);
    return { mode: stat.mode };
  }

  /** Returns the mode, 0 for what is missing on purpose, undefined after telling that it cannot be had. */
  #stat(base: DirHandle, argument: SourceArgument): number | undefined {
    const errno = this.#read(base, argument);
    if (errno === 0) return stat.mode;
    const { missingArgs } = this.#context.options.walk;
    if (errno === absent && missingArgs === "ignore") return undefined;
    if (errno === absent && missingArgs === "delete") {
      if (argument.path.length > 1) this.#tellMissingParent(base, argument);
      return 0;
    }
    // Deletions go on: what is missing cannot be mistaken for something that is there.
    if (errno !== absent) this.incomplete = true;
    const below = argument.path.join("/");
    this.#problem(
      argument.base === "." ? below : joinBase(argument.base, below),
      "link_stat",
      errno,
    );
    return undefined;
  }

  /** A parent of something missing that is missing, too: unlike the argument itself it should be there. */
  #tellMissingParent(dir: DirHandle, { base, path }: SourceArgument): void {
    for (let depth = 1; depth < path.length; depth++) {
      const parent = path.slice(0, depth);
      if (this.#read(dir, { base, path: parent, slash: false, dot: false }) !== absent) continue;
      const shown = base === "." ? parent.join("/") : joinBase(base, parent.join("/"));
      if (this.#missingParents.has(shown)) return;
      this.#missingParents.add(shown);
      this.#problem(shown, "lstat", absent, 24);
      return;
    }
  }

  /** Reads the attributes into `stat`; returns the error number. */
  #read(base: DirHandle, { path, slash }: SourceArgument): number {
    const { fs, options } = this.#context;
    const { copyLinks, copyDirLinks } = options.links;
    const name = path[path.length - 1] ?? "";
    try {
      const parents = path.slice(0, -1).join("/");
      const dir = parents === "" ? base : fs.openDirectory(base, parents, "anywhere");
      try {
        if (!fs.stat(dir, name, stat, copyLinks)) return absent;
        if (!isSymlink(stat.mode) || !(copyDirLinks || slash)) return 0;
        if (leadsToDirectory(fs, dir, name)) return 0;
        return fs.stat(dir, name, stat) ? 0 : absent;
      } finally {
        if (dir !== base) fs.closeDirectory(dir);
      }
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return error.errno;
    }
  }

  /** Arguments are judged by the rules of the command line: no directory has brought any yet. */
  #isHidden({ base, path }: SourceArgument, mode: number): boolean {
    const { filterRules } = this.#context;
    if (filterRules === undefined || filterRules.isEmpty || mode === 0) return false;
    const [parent, name] = [path.slice(0, -1).join("/"), path[path.length - 1] ?? ""];
    const bytes = toBytes(name);
    const level = this.#level(base, parent, filterRules);
    if ((level.verdict(bytes, 0, bytes.length, isDirectory(mode)) & verdictHide) === 0) {
      return false;
    }
    const decision = level.describe(parent, name, isDirectory(mode));
    if (decision !== undefined) this.#note(decision, "filter", 1);
    return true;
  }

  #level(base: ByteString, directory: ByteString, rules: FilterRuleSet): FilterLevel {
    const key = `${base}\0${directory}`;
    const known = this.#levels.get(key);
    if (known !== undefined) return known;
    const { workingDirectory } = this.#context;
    const path = base.startsWith("/") ? base : joinPath(workingDirectory, base);
    const top = FilterLevel.begin(rules, "source", { path, readFile: () => undefined });
    const level = directory === "" ? top : top.enter(directory, () => undefined);
    this.#levels.clear();
    this.#levels.set(key, level);
    return level;
  }

  #note(text: ByteString, topic = "nonreg", level = 0): void {
    this.events.push({ type: "note", topic, level, text });
  }

  #problem(path: ByteString, operation: string, errno: number, exit = 23): void {
    this.events.push({ type: "problem", path, role: "source", operation, errno, exit });
  }
}

function leadsToDirectory(fs: FileSystem, dir: DirHandle, name: ByteString): boolean {
  try {
    return fs.stat(dir, name, stat, true) && isDirectory(stat.mode);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}

function joinBase(base: ByteString, path: ByteString): ByteString {
  return base.endsWith("/") ? base + path : `${base}/${path}`;
}
