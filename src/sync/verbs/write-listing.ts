// A tree's listings, written one after the other.

import { ChangesetWriter, type ListedDirectory } from "../../changeset/index.ts";
import { FsError } from "../../fs/index.ts";
import { isRegular } from "../../tree/index.ts";
import type { LiveListing } from "./live-listing.ts";
import {
  outputBytesAim,
  type StageContext,
  type StageOutcome,
  stageHeader,
} from "./stage-output.ts";
import type { Steps } from "./steps.ts";
import { writeSignature } from "./write-signature.ts";

const noRows = new Uint32Array(0);

/**
 * Writes everything, trailer included, to the context's sink; the outcome hears of problems. `entered`: only which
 * directories there are, nothing of what is in them.
 */
export function* writeListing(
  context: StageContext,
  listing: LiveListing,
  outcome: StageOutcome,
  entered = false,
): Steps<ChangesetWriter> {
  const header = stageHeader(context, "listing", listing.preserves);
  const writer = new ChangesetWriter(header, context.sink, outputBytesAim);
  for (;;) {
    const listed = listing.next();
    for (const problem of listing.takeProblems()) {
      outcome.problem(problem);
      writer.problem(problem);
    }
    if (listed === undefined) break;
    if (entered) {
      listed.columns.select(noRows);
      listed.states.digests.clear();
      listed.states.links.clear();
    }
    writer.listing(listed);
    if (context.options.own.signatures && !entered) yield* writeSignatures(writer, listing, listed);
    yield;
  }
  writer.finish({ complete: true, exit: outcome.exit });
  return writer;
}

/** Writes the sums of the blocks of all files of the directory that was listed just now; one that cannot be read has none. */
function* writeSignatures(
  writer: ChangesetWriter,
  { files }: LiveListing,
  { columns }: ListedDirectory,
): Steps {
  for (let i = 0; i < columns.count; i++) {
    const size = columns.size[i] as number;
    if (!isRegular(columns.mode[i] as number) || size === 0) continue;
    try {
      const file = files.openFile(columns.name(i), i);
      try {
        writeSignature(writer, i, { fs: files.fs, file, size });
      } finally {
        files.fs.closeFile(file);
      }
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
    yield;
  }
}
