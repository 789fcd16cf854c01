// The transfer's top as source arguments make it: which directories pour their whole contents in,
// and which entries are named, level by level where --relative or --files-from name paths. A list
// may name a million paths, so a name that nothing is named below is a Map entry with a small
// number; everything else about it is shared or made when its directory is scanned.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import type { RootSetting } from "./lane-settings.ts";

/** How names came into the plan; shared by all names that came the same way from the same root. */
export interface Naming {
  readonly root: number;
  readonly follow: NamedGroup["follow"];
  /** Only a parent that a longer path implies. */
  readonly implied: boolean;
  /** It only leads to what is missing. */
  readonly inVain: boolean;
  /** Should it be a directory, its contents are wanted. */
  readonly contents: boolean;
  /** Rank among what brings the same name: the lowest brings the attributes. See Origin. */
  readonly order: number;
  /** The one name's name on the source, and the one it is told under, where they are others. */
  readonly sourceName?: ByteString;
  readonly shown?: ByteString;
}

/** What is named in one directory of the transfer: an index into the namings, or more than that. */
export type PlanNode = Map<ByteString, number | PlanChild>;

/** A name that came in several ways, or that has names below it. */
export interface PlanChild {
  /** First come first served. */
  readonly namings: number[];
  inside: PlanNode | undefined;
}

/** The whole plan. */
export interface TransferPlan {
  readonly roots: readonly RootSetting[];
  readonly namings: readonly Naming[];
  /** Directories whose contents stand in the target's top. */
  readonly contents: readonly Origin[];
  readonly names: PlanNode;
  /** The entry ".": attributes for the target's top itself. */
  readonly self: NamedGroup | undefined;
  /** Entries that the arguments themselves bring, each time they are named. */
  readonly mentions: number;
}

/** Returns what is named in the directory `path` of the transfer, which `node` is about. */
export function namedGroups(
  plan: TransferPlan,
  node: PlanNode | undefined,
  path: ByteString,
): readonly NamedGroup[] {
  if (node === undefined || node.size === 0) return noGroups;
  const groups: NamedGroup[] = [];
  for (let level = 0; ; level++) {
    const names = new Map<number, ByteString[]>();
    for (const [name, child] of node) {
      const naming = typeof child === "number" ? only(child, level) : child.namings[level];
      if (naming === undefined) continue;
      const list = names.get(naming);
      if (list === undefined) names.set(naming, [name]);
      else list.push(name);
    }
    if (names.size === 0) return groups;
    for (const [naming, list] of names)
      groups.push(groupOf(plan.namings[naming] as Naming, path, list));
  }
}

const noGroups: readonly NamedGroup[] = [];
const noOrigins: readonly Origin[] = [];

function only(naming: number, level: number): number | undefined {
  return level === 0 ? naming : undefined;
}

function groupOf(naming: Naming, parent: ByteString, names: readonly ByteString[]): NamedGroup {
  const { sourceName, shown } = naming;
  const group = { ...naming, parent, names: packNames(names) };
  return sourceName === undefined ? group : { ...group, sourceName, shown: shown ?? sourceName };
}

/** Puts names, each followed by a NUL, into memory that all lanes share. */
export function packNames(names: readonly ByteString[]): Uint8Array {
  let bytes = 0;
  for (const name of names) bytes += name.length + 1;
  const packed = new Uint8Array(new SharedArrayBuffer(bytes));
  let used = 0;
  for (const name of names) {
    for (let i = 0; i < name.length; i++) packed[used++] = name.charCodeAt(i);
    used++;
  }
  return packed;
}

/** Returns what the plan has about the inside of the entry `name` of the directory `path`. */
export function planInside(
  plan: TransferPlan,
  node: PlanNode | undefined,
  path: ByteString,
  name: ByteString,
): { readonly contents: readonly Origin[]; readonly names: PlanNode | undefined } {
  const child = node?.get(name);
  if (child === undefined) return { contents: noOrigins, names: undefined };
  const namings = typeof child === "number" ? [child] : child.namings;
  const contents: Origin[] = [];
  for (const index of namings) {
    const naming = plan.namings[index] as Naming;
    if (!naming.contents) continue;
    const { root, order } = naming;
    const below = joinPath(path, naming.sourceName ?? name);
    // Without a slash at the end a link is not entered, so nothing that takes the directory's place is, either.
    const named = naming.follow === "no" ? path.length : below.length;
    contents.push({ root, path: below, named, order, optional: namings.length > 1 });
  }
  return { contents, names: typeof child === "number" ? undefined : child.inside };
}

/** How the one entry is called on the target: by a name of its own, or it is the target itself. */
export interface PlanNaming {
  readonly lastName: ByteString | undefined;
  readonly isLone: boolean;
}

/** Returns the plan with what the target's end has found out about names. */
export function namedAs(plan: TransferPlan, { lastName, isLone }: PlanNaming): TransferPlan {
  if (isLone) return loneDirectory(plan);
  return lastName === undefined ? plan : renamed(plan, lastName);
}

/** Returns the plan of a run whose one named entry gets another name on the target. */
export function renamed(plan: TransferPlan, name: ByteString): TransferPlan {
  const [first] = plan.names;
  if (first === undefined) return plan;
  const [sourceName, child] = first;
  const index = typeof child === "number" ? child : (child.namings[0] ?? 0);
  const naming = { ...(plan.namings[index] as Naming), sourceName, shown: sourceName };
  return { ...plan, namings: [naming], names: new Map([[name, 0]]) };
}

/** Returns the plan of a run whose one named directory becomes the target itself: there is nothing in it. */
export function loneDirectory(plan: TransferPlan): TransferPlan {
  const [first] = plan.names;
  if (first === undefined) return plan;
  const [name, child] = first;
  const index = typeof child === "number" ? child : (child.namings[0] ?? 0);
  const { root } = plan.namings[index] as Naming;
  const names = packNames(["."]);
  const how = { follow: "no", implied: false, inVain: false, contents: false, order: 0 } as const;
  const self = { root, parent: "", names, sourceName: name, shown: name, ...how };
  return { ...plan, names: new Map(), self };
}
