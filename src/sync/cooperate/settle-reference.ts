// How it comes to be said what the tree is: whoever conducts finds it published, or publishes it, unless somebody comes meanwhile who
// is to do that instead.

import type { Claim } from "./claims.ts";
import { type Cooperation, isAbsence } from "./cooperation.ts";
import type { JobFolder } from "./job-folder.ts";
import { type PublishedReference, publishedReference } from "./reference.ts";

/** What it needs. */
export interface Settling {
  readonly cooperation: Cooperation;
  readonly folder: JobFolder;
  /** Says that this process conducts. */
  readonly claim: Claim;
  readonly signal: AbortSignal;
  /** Lists everything and publishes that under a number, if it is still for us to do then. `signal`: nobody needs it any more. */
  readonly publish: (to: {
    readonly number: number;
    readonly signal: AbortSignal;
    readonly isOurs: () => boolean;
  }) => Promise<void>;
}

/** Returns what is published; undefined = it is not for this process to conduct, now. Rejects with FsError, and what publish() rejects with. */
export async function settleReference(part: Settling): Promise<PublishedReference | undefined> {
  const { cooperation, folder, claim, signal } = part;
  const { candidacy } = cooperation;
  const known = publishedReference(folder);
  if (known !== undefined && candidacy.hasReference) return known;
  const stopping = new AbortController();
  // What is listed while nothing can be listed any more is not the tree.
  const isOurs = (): boolean =>
    !signal.aborted &&
    cooperation.trouble === undefined &&
    cooperation.conducts(claim) &&
    !candidacy.isOutdone;
  const stopLooking = cooperation.onLook(() => {
    if (!isOurs()) stopping.abort();
  });
  const until = AbortSignal.any([signal, stopping.signal]);
  try {
    await part.publish({ number: (known?.number ?? -1) + 1, signal: until, isOurs });
  } catch (error) {
    // A folder that is gone is for turn() to notice.
    if (!stopping.signal.aborted && !isAbsence(error)) throw error;
  } finally {
    stopLooking();
  }
  if (!cooperation.conducts(claim)) return undefined;
  // Once it is said, it stays so: from now on things get their names.
  if (candidacy.hasReference) return publishedReference(folder);
  cooperation.resign(claim);
  return undefined;
}
