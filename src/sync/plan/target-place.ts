// Finds the target's place, and makes it when it is missing.

import { type ByteString, baseName, ManifoldError } from "../../base/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import { isDirectory } from "../../tree/index.ts";
import { endError, fileInTheWay } from "./end-errors.ts";
import type { RootSetting } from "./lane-settings.ts";
import { newDirectoryMode } from "./new-modes.ts";
import type { SourcePlan } from "./plan-sources.ts";
import type { Endpoints, EndsContext } from "./run-ends.ts";
import { directoryOf } from "./source-argument.ts";
import { loneDirectory, renamed, type TransferPlan } from "./transfer-plan.ts";

/** The part of the ends that the target decides. */
type Place = Pick<
  Endpoints,
  "plan" | "target" | "targetExists" | "madeRoot" | "created" | "failure" | "naming"
>;

const asItIs = { lastName: undefined, isLone: false };
const noEntry = 2;
const fileExists = 17;
const notDirectory = 20;
const tooManyLinks = 40;
const stat = new Stat();

/** Finds or makes the target of a plan that brings something. */
export function placeTarget(context: EndsContext, sources: SourcePlan): Place {
  try {
    return place(context, sources);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    return { ...found(sources.plan, "."), target: undefined, targetExists: false, failure: error };
  }
}

function place(context: EndsContext, sources: SourcePlan): Place {
  const written = context.options.target ?? ".";
  const path = directoryOf(written);
  const kind = lookAt(context, path, written.endsWith("/"));
  if (kind === "directory") return found(sources.plan, path);
  const lone = loneKind(context, sources);
  if (kind === "other") {
    if (lone === "nothing") return idle(sources.plan);
    if (lone !== "file") throw fileInTheWay(path, lone === "several", context);
    return nameFile(context, sources.plan, path, true);
  }
  const { mkpath } = context.options.walk;
  const isOne = lone !== "several" && !written.endsWith("/");
  if (mkpath && (!isOne || written.includes("/"))) return makePath(context, sources, path, isOne);
  if (!isOne) return { ...make(context, sources.plan, path), madeRoot: true };
  if (lone === "nothing" || lone === "dot") {
    enterParent(context, parentOf(path));
    return idle(sources.plan);
  }
  if (lone === "file") return nameFile(context, sources.plan, path, false);
  return becomeDirectory(context, sources, path);
}

/**
 * What the arguments bring, as far as the target has to know. "dot" is a "./" in front of something missing that brings
 * no attributes, because parents are not implied: it makes no target, but what is there must be a directory.
 */
function loneKind(
  context: EndsContext,
  { lone, plan }: SourcePlan,
): "nothing" | "dot" | "file" | "directory" | "several" {
  if (plan.mentions === 0) return "nothing";
  if (plan.mentions > 1) return "several";
  if (lone === undefined) return context.options.walk.impliedDirs ? "directory" : "dot";
  if (!lone.isDirectory) return "file";
  // rsync counts what it lists first: a directory with nothing in it is one entry.
  const exact = context.options.personality === "manifold-rsync";
  return exact && !lone.holdsAnything() ? "directory" : "several";
}

/** There is nothing to put anywhere. */
function idle(plan: TransferPlan): Place {
  return { ...found({ ...plan, mentions: 0 }, "."), target: undefined };
}

function found(plan: TransferPlan, path: ByteString): Place {
  const target = rootOf(path);
  const nothing = { madeRoot: false, created: undefined, failure: undefined, naming: asItIs };
  return { plan, target, targetExists: true, ...nothing };
}

function rootOf(path: ByteString): RootSetting {
  return { path, label: path === "." ? "" : path.endsWith("/") ? path : `${path}/` };
}

function lookAt(
  context: EndsContext,
  path: ByteString,
  asDirectory: boolean,
): "directory" | "other" | "absent" {
  const { fs } = context;
  try {
    fs.closeDirectory(fs.openRoot(path));
    return "directory";
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.errno === noEntry) return "absent";
    if (error.errno === tooManyLinks && !asDirectory && isLinkToFile(context, path)) return "other";
    if (error.errno !== notDirectory) throw endError("enterTarget", path, error, context);
    const stands = standsInDirectory(context, path);
    if (!asDirectory && stands) return "other";
    if (context.options.walk.mkpath && context.options.target?.includes("/")) {
      const reason = new FsError(stands ? fileExists : notDirectory, "mkdir", path);
      throw endError("makeTarget", asDirectory ? `${path}/` : path, reason, context);
    }
    throw endError("statTarget", asDirectory ? `${path}/` : path, error, context);
  }
}

/** Says whether the path leads to something that is no directory, not through it. */
function standsInDirectory({ fs }: EndsContext, path: ByteString): boolean {
  try {
    const dir = fs.openRoot(parentOf(path));
    try {
      return fs.stat(dir, baseName(path), stat, true);
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}

/** A link of somebody else to a file is not followed either, but a file can take its place. */
function isLinkToFile(context: EndsContext, path: ByteString): boolean {
  return standsInDirectory(context, path) && !isDirectory(stat.mode);
}

function parentOf(path: ByteString): ByteString {
  if (!path.includes("/")) return ".";
  return directoryOf(path.slice(0, path.lastIndexOf("/") + 1));
}

/** SRC is a file and DEST is its new name: the target is DEST's parent. */
function nameFile(
  context: EndsContext,
  plan: TransferPlan,
  path: ByteString,
  exists: boolean,
): Place {
  const parent = parentOf(path);
  if (!exists) enterParent(context, parent);
  const lastName = baseName(path);
  return { ...found(renamed(plan, lastName), parent), naming: { lastName, isLone: false } };
}

function enterParent(context: EndsContext, parent: ByteString): void {
  const { fs } = context;
  try {
    fs.closeDirectory(fs.openRoot(parent));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw endError("enterTargetParent", parent, error, context);
  }
}

/** SRC is an empty directory and DEST is its new name, as rsync has it. */
function becomeDirectory(context: EndsContext, sources: SourcePlan, path: ByteString): Place {
  enterParent(context, parentOf(path));
  const plan = loneDirectory(sources.plan);
  const made = make(context, plan, path);
  const naming = { lastName: undefined, isLone: true };
  return { ...made, madeRoot: true, created: undefined, naming };
}

/** --mkpath: makes DEST with its parents, or the parents of a file's new name. */
function makePath(
  context: EndsContext,
  sources: SourcePlan,
  path: ByteString,
  isOne: boolean,
): Place {
  const { plan } = sources;
  const { dryRun } = context.options.transfer;
  const goal = isOne ? parentOf(path) : path;
  const madeByMkpath = makeMissing(context, goal);
  const created = madeByMkpath === 0 ? undefined : { path: goal, madeByMkpath, isTarget: !isOne };
  const targetExists = !(dryRun && madeByMkpath > 0);
  // A trial run finds that the target is still missing, and makes it in its mind.
  if (!isOne) return { ...found(plan, path), targetExists, madeRoot: !targetExists, created };
  const lone = loneKind(context, sources);
  if (lone === "nothing") return { ...idle(plan), created: created && { ...created, path } };
  if (lone === "dot") return { ...idle(plan), created };
  const rest =
    lone === "file"
      ? nameFile(context, plan, path, dryRun)
      : becomeDirectory(context, sources, path);
  return { ...rest, targetExists: rest.targetExists && targetExists, created };
}

/** Makes the directory and those above it that are missing; returns how many that took. */
function makeMissing(context: EndsContext, path: ByteString): number {
  if (lookAt(context, path, false) !== "absent") return 0;
  const parent = parentOf(path);
  const above = parent === path ? 0 : makeMissing(context, parent);
  makeOne(context, path);
  return above + 1;
}

function make(context: EndsContext, plan: TransferPlan, path: ByteString): Place {
  makeOne(context, path);
  const targetExists = !context.options.transfer.dryRun;
  return { ...found(plan, path), targetExists, created: { path, madeByMkpath: 0 } };
}

function isDirectoryAt(fs: EndsContext["fs"], path: ByteString): boolean {
  try {
    fs.closeDirectory(fs.openRoot(path));
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}

function makeOne(context: EndsContext, path: ByteString): void {
  const { fs, options, umask } = context;
  if (options.transfer.dryRun) return;
  try {
    const dir = fs.openRoot(parentOf(path));
    try {
      fs.makeDirectory(dir, baseName(path), newDirectoryMode(fs, dir, umask));
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    // Another run with the same target was first.
    if (error.code === "EEXIST" && isDirectoryAt(fs, path)) return;
    throw endError("makeTarget", path, error, context);
  }
}
