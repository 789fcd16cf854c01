// Builds a transfer plan argument by argument. What comes first wins where names meet.

import { type ByteString, fromBytes, toBytes } from "../../base/index.ts";
import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import type { RootSetting } from "./lane-settings.ts";
import type { SourceArgument } from "./source-argument.ts";
import {
  type Naming,
  type PlanChild,
  type PlanNode,
  packNames,
  type TransferPlan,
} from "./transfer-plan.ts";

/** The part of the walk options that planning needs. */
export interface PlanOptions {
  readonly recurse: boolean;
  readonly dirs: boolean;
}

/** V8 makes longer substrings views of the string that they were cut from, and keeps all of it. */
const viewLengthMin = 13;

/** Takes arguments and makes the plan. Looks at nothing: who calls says what exists. */
export class PlanBuilder {
  readonly #options: PlanOptions;
  readonly #roots: RootSetting[] = [];
  readonly #rootIndex = new Map<ByteString, number>();
  readonly #namings: Naming[] = [];
  readonly #namingIndex = new Map<string, number>();
  readonly #contents: Origin[] = [];
  readonly #names: PlanNode = new Map();
  #self: NamedGroup | undefined;
  #arguments = 0;
  #dotted = false;
  /** Order of the last directory whose contents stand in the top. */
  #poured = 0;
  #mentions = 0;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  /** The plan so far. */
  plan(): TransferPlan {
    return {
      roots: this.#roots,
      namings: this.#namings,
      contents: this.#contents,
      names: this.#names,
      self: this.#self,
      mentions: this.#mentions,
    };
  }

  /** Adds an argument whose thing is there, or `isMissing` and named all the same, to be deleted. */
  add(argument: SourceArgument, isMissing = false): void {
    this.#arguments++;
    if (argument.path.length === 0) this.#pour(argument);
    else this.#name(argument, isMissing);
  }

  /** The same for an argument in which only the "./" in front is there. */
  addDot({ base }: SourceArgument): void {
    if (this.#dotted || !this.#options.dirs) return;
    this.#dotted = true;
    this.#mentions++;
    this.#addSelf(this.#root(base, false), true);
  }

  /** Says whether the argument would bring parents that nothing before it implied, or nothing that is there. */
  bringsParents({ path }: SourceArgument): boolean {
    let node: PlanNode | undefined = this.#names;
    for (let depth = 0; depth < path.length - 1; depth++) {
      const child: number | PlanChild | undefined = node?.get(path[depth] as ByteString);
      if (child === undefined) return true;
      const namings = typeof child === "number" ? [child] : child.namings;
      if (namings.every((index) => this.namingAt(index).inVain)) return true;
      node = typeof child === "number" ? undefined : child.inside;
    }
    return false;
  }

  #pour({ base }: SourceArgument): void {
    const root = this.#root(base, true);
    this.#addSelf(root, false);
    this.#mentions++;
    if (!this.#options.recurse && !this.#options.dirs) return;
    this.#poured = 2 * this.#arguments;
    this.#contents.push({ root, path: "", named: 0, order: this.#poured });
  }

  #name(argument: SourceArgument, inVain: boolean): void {
    const { base, path, slash, dot } = argument;
    const root = this.#root(base, false);
    if (dot) this.addDot(argument);
    this.#mentions += path.length;
    const order = this.#poured + 1;
    let node = this.#names;
    const last = path.length - 1;
    const way = { root, implied: true, inVain, contents: false, order };
    for (let depth = 0; depth < last; depth++) {
      node = this.#enter(node, path[depth] as ByteString, { ...way, follow: "always" });
    }
    const follow = slash ? "directory" : "no";
    const contents = this.#options.recurse || (slash && this.#options.dirs);
    const naming = { root, follow, implied: false, inVain: false, contents, order } as const;
    put(node, path[last] as ByteString, naming, this);
  }

  /** Names a parent and returns the node of its inside. */
  #enter(node: PlanNode, name: ByteString, naming: Naming): PlanNode {
    const child = put(node, name, naming, this, true) as PlanChild;
    child.inside ??= new Map();
    return child.inside;
  }

  #addSelf(root: number, implied: boolean): void {
    if (this.#self === undefined) {
      const names = packNames(["."]);
      const how = { follow: "no", inVain: false, contents: false, order: 0 } as const;
      this.#self = { root, parent: "", names, implied, ...how };
    } else if (!implied) this.#self = { ...this.#self, implied: false };
  }

  #root(path: ByteString, poured: boolean): number {
    const key = poured ? `${path}\0` : path;
    const known = this.#rootIndex.get(key);
    if (known !== undefined) return known;
    const label = path === "." ? "" : path.endsWith("/") ? path : `${path}/`;
    const index = this.#roots.push({ path, label, poured }) - 1;
    this.#rootIndex.set(key, index);
    return index;
  }

  /** Returns the index of a naming like this one. */
  naming(naming: Naming): number {
    const { root, follow, implied, inVain, contents, order } = naming;
    const key = `${root} ${follow} ${implied} ${inVain} ${contents} ${order}`;
    const known = this.#namingIndex.get(key);
    if (known !== undefined) return known;
    const index = this.#namings.push(naming) - 1;
    this.#namingIndex.set(key, index);
    return index;
  }

  /** Returns the naming of an index. */
  namingAt(index: number): Naming {
    return this.#namings[index] as Naming;
  }
}

/** Puts a name into a node; `parent` asks for a child that names can be put into. */
function put(
  node: PlanNode,
  name: ByteString,
  naming: Naming,
  builder: PlanBuilder,
  parent = false,
): number | PlanChild {
  const known = node.get(name);
  const child = known === undefined ? builder.naming(naming) : merge(known, naming, builder);
  const wanted = parent && typeof child === "number" ? childOf(child) : child;
  if (known === undefined) node.set(detached(name), wanted);
  else if (wanted !== known) node.set(name, wanted);
  return wanted;
}

function childOf(naming: number): PlanChild {
  return { namings: [naming], inside: undefined };
}

/** What was named again keeps its place; what was only implied, or not entered, may be more now. */
function merge(
  known: number | PlanChild,
  naming: Naming,
  builder: PlanBuilder,
): number | PlanChild {
  const namings = typeof known === "number" ? [known] : known.namings;
  const at = namings.findIndex((index) => builder.namingAt(index).root === naming.root);
  if (at < 0) {
    const more = builder.naming(naming);
    if (!naming.inVain) raise(namings, naming, builder);
    if (typeof known === "number") return { namings: [...namings, more], inside: undefined };
    namings.push(more);
    return known;
  }
  const old = builder.namingAt(namings[at] as number);
  const merged = builder.naming({
    ...old,
    follow: strongest(old.follow, naming.follow),
    implied: old.implied && naming.implied,
    inVain: old.inVain && naming.inVain,
    contents: old.contents || naming.contents,
  });
  if (typeof known === "number") return merged;
  namings[at] = merged;
  if (!naming.inVain) raise(namings, naming, builder);
  return known;
}

/** A directory that is named outright anywhere, or leads to something that is there, is sent as such. */
function raise(namings: number[], { implied }: Naming, builder: PlanBuilder): void {
  for (let i = 0; i < namings.length; i++) {
    const old = builder.namingAt(namings[i] as number);
    if (old.inVain || (old.implied && !implied)) {
      namings[i] = builder.naming({ ...old, implied: old.implied && implied, inVain: false });
    }
  }
}

function strongest(a: Naming["follow"], b: Naming["follow"]): Naming["follow"] {
  if (a === "always" || b === "always") return "always";
  return a === "directory" || b === "directory" ? "directory" : "no";
}

/** Returns the same string with memory of its own: lists are read in long lines. */
function detached(name: ByteString): ByteString {
  return name.length < viewLengthMin ? name : fromBytes(toBytes(name));
}
