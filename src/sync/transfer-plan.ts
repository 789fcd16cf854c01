// Turns source arguments into the transfer's top: which directories pour their whole contents in,
// and which single entries are named, level by level where --relative or --files-from name paths.

import type { ByteString } from "../base/index.ts";
import type { DeviceNumber, NamedEntry, Origin } from "../pipeline/index.ts";
import type { RootSetting } from "./lane-settings.ts";

/** A directory of the transfer as far as arguments speak of it. */
export interface PlanNode {
  readonly contents: Origin[];
  readonly named: Map<ByteString, PlanChild>;
}

/** One named entry and what is known of its inside, should it be a directory. */
export interface PlanChild {
  entry: NamedEntry;
  readonly node: PlanNode;
}

/** The whole plan. */
export interface TransferPlan {
  readonly roots: readonly RootSetting[];
  readonly top: PlanNode;
  /** The entry "." of the first argument that ends in a slash. */
  readonly self: NamedEntry | undefined;
}

/** What planning needs to know. */
export interface PlanOptions {
  readonly recurse: boolean;
  readonly dirs: boolean;
  readonly relative: boolean;
  readonly impliedDirs: boolean;
  /** Tells the device of a path, for --one-file-system; undefined = do not care. */
  readonly deviceOf: ((path: ByteString) => DeviceNumber | undefined) | undefined;
}

/** Builds the plan. Reads nothing: whether the named things exist shows when they are scanned. */
export function planTransfer(sources: readonly ByteString[], options: PlanOptions): TransferPlan {
  const builder = new PlanBuilder(options);
  for (const source of sources) {
    if (options.relative) builder.addRelative(source);
    else builder.addPlain(source);
  }
  return builder.plan();
}

/** Builds the plan of --files-from: every line names a path below `base`. */
export function planFileList(
  base: ByteString,
  lines: Iterable<ByteString>,
  options: PlanOptions,
): TransferPlan {
  const builder = new PlanBuilder(options);
  for (const line of lines) builder.addListed(base, line);
  return builder.plan();
}

/** A node that no argument speaks of: what almost every directory below an argument is. */
export const unplanned: PlanNode = emptyPlanNode();

/** Returns an empty node. */
export function emptyPlanNode(): PlanNode {
  return { contents: [], named: new Map() };
}

class PlanBuilder {
  readonly #options: PlanOptions;
  readonly #roots: RootSetting[] = [];
  readonly #top = emptyPlanNode();
  #self: NamedEntry | undefined;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  plan(): TransferPlan {
    return { roots: this.#roots, top: this.#top, self: this.#self };
  }

  addPlain(source: ByteString): void {
    const path = source.replace(/\/+$/, "") || (source.startsWith("/") ? "/" : ".");
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    if (source.endsWith("/") || name === "." || name === ".." || name === "") {
      this.#addContents(path);
      return;
    }
    const parent = slash < 0 ? "." : slash === 0 ? "/" : path.slice(0, slash);
    const label = path.slice(0, slash + 1);
    const root = this.#root(parent, label);
    this.#name(this.#top, {
      name,
      root,
      parent: "",
      sourceName: name,
      follow: false,
      implied: false,
    });
    if (this.#options.recurse)
      this.#childOf(this.#top, name).contents.push(this.#origin(root, name, path));
  }

  #addContents(path: ByteString): void {
    const root = this.#root(path, path === "." ? "" : labelOf(path));
    this.#self ??= { name: ".", root, parent: "", sourceName: "", follow: true, implied: false };
    if (this.#options.recurse || this.#options.dirs)
      this.#top.contents.push(this.#origin(root, "", path));
  }

  addRelative(source: ByteString): void {
    const cut = source.indexOf("/./");
    const base = cut >= 0 ? source.slice(0, cut) || "/" : source.startsWith("/") ? "/" : ".";
    const rest = cut >= 0 ? source.slice(cut + 3) : source;
    this.#addPath(base, rest, false);
  }

  addListed(base: ByteString, line: ByteString): void {
    if (this.#options.relative) {
      const cut = line.indexOf("/./");
      if (cut < 0) this.#addPath(base, line, true);
      else this.#addPath(`${base}/${line.slice(0, cut)}`, line.slice(cut + 3), true);
      return;
    }
    const components = cleanPath(line);
    const name = components[components.length - 1];
    if (name === undefined) return;
    const parent = components.slice(0, -1).join("/");
    const root = this.#root(base, labelOf(base));
    this.#name(this.#top, { name, root, parent, sourceName: name, follow: false, implied: false });
    if (line.endsWith("/") || this.#options.recurse) {
      const path = components.join("/");
      this.#childOf(this.#top, name).contents.push(this.#origin(root, path, `${base}/${path}`));
    }
  }

  /** Names every component of a path below `base`, the parents as implied ones. */
  #addPath(base: ByteString, path: ByteString, listed: boolean): void {
    const components = cleanPath(path);
    const root = this.#root(base, base === "." ? "" : labelOf(base));
    const wantsContents = path === "" || path.endsWith("/") || path === "." || path.endsWith("/.");
    if (components.length === 0) {
      this.#self ??= { name: ".", root, parent: "", sourceName: "", follow: true, implied: false };
      if (this.#options.recurse || this.#options.dirs)
        this.#top.contents.push(this.#origin(root, "", base));
      return;
    }
    let node = this.#top;
    for (let depth = 0; depth < components.length; depth++) {
      const name = components[depth] as ByteString;
      const implied = depth < components.length - 1;
      const parent = components.slice(0, depth).join("/");
      const follow = implied || wantsContents;
      this.#name(node, { name, root, parent, sourceName: name, follow, implied });
      node = this.#childOf(node, name);
    }
    const full = components.join("/");
    const descend = this.#options.recurse || (wantsContents && (this.#options.dirs || listed));
    if (descend) node.contents.push(this.#origin(root, full, `${base}/${full}`));
  }

  #childOf(node: PlanNode, name: ByteString): PlanNode {
    return (node.named.get(name) as PlanChild).node;
  }

  #origin(root: number, path: ByteString, devicePath: ByteString): Origin {
    const device = this.#options.deviceOf?.(devicePath);
    return device === undefined ? { root, path } : { root, path, device };
  }

  /** Adds a name; what is named outright beats what is implied, the first argument the later ones. */
  #name(node: PlanNode, entry: NamedEntry): void {
    const known = node.named.get(entry.name);
    if (known === undefined) node.named.set(entry.name, { entry, node: emptyPlanNode() });
    else if (known.entry.implied && !entry.implied) known.entry = entry;
  }

  #root(path: ByteString, label: ByteString): number {
    const known = this.#roots.findIndex((root) => root.path === path && root.label === label);
    return known >= 0 ? known : this.#roots.push({ path, label }) - 1;
  }
}

function labelOf(base: ByteString): ByteString {
  return base.endsWith("/") ? base : `${base}/`;
}

/** Splits a path into components; "." disappears and ".." takes one back, never above the start. */
function cleanPath(path: ByteString): ByteString[] {
  const components: ByteString[] = [];
  for (const component of path.split("/")) {
    if (component === "" || component === ".") continue;
    if (component === "..") components.pop();
    else components.push(component);
  }
  return components;
}
