// What a new entry gets from the directory that it is made in without anybody asking: the group of
// a directory with the set-group-id bit, and what a default access control list says.

import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { type Acl, defaultAclName, parseAcl, setGroupId } from "../../tree/index.ts";
import type { ReceiveContext } from "./context.ts";
import type { Inheritance, TargetPlace } from "./target-place.ts";

const stat = new Stat();

/** Returns what entries get that are made in the place itself; looked up once for each. */
export function inheritanceOf(context: ReceiveContext, place: TargetPlace): Inheritance {
  place.gives ??= readInheritance(context, place.dir);
  return place.gives;
}

const known = new WeakMap<object, Map<DirHandle, Inheritance>>();

/** Returns what entries get that are made in a staging directory, which lives as long as its lane. */
export function stageInheritance(context: ReceiveContext, stage: DirHandle): Inheritance {
  let stages = known.get(context.staging);
  if (stages === undefined) {
    stages = new Map();
    known.set(context.staging, stages);
  }
  let found = stages.get(stage);
  if (found === undefined) {
    found = readInheritance(context, stage);
    stages.set(stage, found);
  }
  return found;
}

function readInheritance({ fs, options }: ReceiveContext, dir: DirHandle): Inheritance {
  // What a directory only pretends to be does not count for the kernel.
  if (options.fakeSuper) return { gid: options.egid, setGroupId: false, defaultAcl: undefined };
  fs.statDirectory(dir, stat);
  const inherits = (stat.mode & setGroupId) !== 0;
  return {
    gid: inherits ? stat.gid : options.egid,
    setGroupId: inherits,
    defaultAcl: readDefaultAcl(fs, dir),
  };
}

/** Returns the default access control list of a pinned directory; undefined = none, or it cannot be had. */
export function readDefaultAcl(fs: FileSystem, dir: DirHandle): Acl | undefined {
  if (!fs.abilities.xattrs) return undefined;
  try {
    const value = fs.getXattr(dir, "", defaultAclName);
    return value && parseAcl(value);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}
