// Gives an existing entry of the target another name, by way of the staging area, so that a path
// that stood for something else is never absent in between (promise P1).

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import { commitStaged, type Seen } from "./commit.ts";
import type { ReceiveContext } from "./context.ts";
import type { Wanted } from "./settle-conflict.ts";
import { discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** An entry of the target by its directory. */
export interface StandingName {
  readonly dir: DirHandle;
  readonly name: ByteString;
}

/** Links what stands at `from` to `name` in `place`. Throws FsError; false after a conflict was reported. */
export function linkStaged(
  context: ReceiveContext,
  from: StandingName,
  place: TargetPlace,
  name: ByteString,
  seen: Seen,
  wanted?: Wanted,
): boolean {
  const { fs } = context;
  const staged = linkToStage(context, from, place, name);
  let kept = false;
  try {
    kept = commitStaged(context, place, name, staged, seen, wanted);
    return kept;
  } finally {
    if (!kept) discardStaged(fs, staged);
  }
}

function linkToStage(
  context: ReceiveContext,
  from: StandingName,
  place: TargetPlace,
  name: ByteString,
): Staged {
  let near = false;
  for (let attempt = 0; ; attempt++) {
    const staged = near ? context.staging.near(place, name) : context.staging.place(place, name);
    try {
      context.fs.link(from.dir, from.name, staged.dir, staged.name);
      return staged;
    } catch (error) {
      if (!(error instanceof FsError) || attempt > 100) throw error;
      // Staged on another file system: once more at the top of the one that both are on.
      if (error.code === "EXDEV" && !near && !place.isApart) near = true;
      else if (error.code !== "EEXIST") throw error;
    }
  }
}
