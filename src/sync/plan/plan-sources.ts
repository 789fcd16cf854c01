// From the source arguments, or the file list, to the plan: taken apart, looked at, put together.

import type { ByteString } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { isDirectory, type ProgressEvent } from "../../tree/index.ts";
import { ArgumentEyes, type EyesContext } from "./argument-eyes.ts";
import { endError } from "./end-errors.ts";
import { fileListLines } from "./file-list.ts";
import { holdsAnything } from "./holds-anything.ts";
import { PlanBuilder } from "./plan-builder.ts";
import {
  below,
  clampLine,
  plainArgument,
  relativeArgument,
  type SourceArgument,
} from "./source-argument.ts";
import type { TransferPlan } from "./transfer-plan.ts";

/** What planning needs of the process. */
export interface PlanningContext extends EyesContext {
  readonly readStandardInput: () => Uint8Array;
}

/** The plan, and what was met on the way. */
export interface SourcePlan {
  readonly plan: TransferPlan;
  /** In the order of the arguments. */
  readonly events: readonly ProgressEvent[];
  /** Nothing may be deleted. */
  readonly incomplete: boolean;
  /** The only entry that arguments bring, if there is only one and it is not just a "./". */
  readonly lone: { readonly isDirectory: boolean; holdsAnything(): boolean } | undefined;
}

/** Enough entries to know that the target must be a directory. */
const several = 2;

/** Makes the plan. Throws ManifoldError when the arguments or the list make no sense. */
export function planSources(context: PlanningContext): SourcePlan {
  const { options } = context;
  const eyes = new ArgumentEyes(context);
  const builder = new PlanBuilder(options.walk);
  const listed = options.walk.filesFrom !== undefined;
  let lone: SourcePlan["lone"];
  let seenEntries = 0;
  try {
    for (const argument of listed ? listedArguments(context) : sourceArguments(options)) {
      // A list is too long to be looked at twice: what is missing shows when its directory is read, but a parent
      // that only missing things imply must not get that far, nor a directory (--no-R) that cannot be opened.
      const isKnown = eyes.canOpen(argument.base) && !builder.bringsParents(argument);
      const looks = !listed || seenEntries < several || !isKnown;
      const seen = looks ? eyes.look(argument) : unseen;
      if (seen === undefined) {
        if (!argument.dot || !eyes.canOpen(argument.base)) continue;
        builder.addDot(argument);
        lone = undefined;
        continue;
      }
      builder.add(argument, looks && seen.mode === 0);
      if (looks) seenEntries += Math.max(1, argument.path.length) + (argument.dot ? 1 : 0);
      lone = {
        isDirectory: isDirectory(seen.mode),
        holdsAnything: () => holdsAnything(context, argument),
      };
    }
  } finally {
    eyes.close();
  }
  const plan = builder.plan();
  const { events, incomplete } = eyes;
  return { plan, events, incomplete, lone: plan.mentions === 1 ? lone : undefined };
}

const unseen = { mode: 0 };

function* sourceArguments({ sources, walk }: Options): Generator<SourceArgument> {
  for (const source of sources) {
    yield walk.relative ? relativeArgument(source) : plainArgument(source);
  }
}

function* listedArguments(context: PlanningContext): Generator<SourceArgument> {
  const { options, readStandardInput } = context;
  const { filesFrom: path, from0, relative } = options.walk;
  if (path === undefined) return;
  const base = plainArgument(`${options.sources[0] ?? "."}/`).base;
  checkBase(base, context);
  for (const line of fileListLines({ path, from0, links: options.links, readStandardInput })) {
    const clamped = clampLine(line, relative);
    yield below(base, relative ? relativeArgument(clamped) : plainArgument(clamped));
  }
}

/** Without the directory that the list is about there is no sense in reading it. */
function checkBase(base: ByteString, context: PlanningContext): void {
  try {
    context.fs.closeDirectory(context.fs.openRoot(base, "anywhere"));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw endError("enterSource", base, error, context);
  }
}
