// How much may be under way between the two ends of a run. Each end keeps to it and sees to it that the
// other does. This file is a table; docs/design/session.md gives the same in words.

import { messageBytesMax } from "../../session/index.ts";
import { aheadBytesMax } from "../tasks/far-tasks.ts";

const mebi = 1024 * 1024;

/** The source's end begins no directory when so many, or so many bytes of records, have not been taken. */
export const untakenDirectoriesMax = 1024;
export const untakenBytesMax = 16 * mebi;

/** As long as the other end has not said what it makes of sums: so many, until it has taken so many in all. */
export const triedDirectoriesMax = 128;
export const triedInAll = 2 * triedDirectoriesMax;

/** Directories that a survey may send besides its own: room for them is kept while it is out. As many as it has time for. */
export const belowMax = 32;

/** Directories that have come and that a survey may go on with: more than it has time for. */
export const surveyedBelowMax = 64;

/** What may have come in spite of it: directories that were begun at the same time. The largest one is a message. */
export const untakenDirectoriesAtMost = 2 * untakenDirectoriesMax;
export const untakenBytesAtMost = Math.max(...messageBytesMax);

/**
 * Directories that are being read together with content of their files, which counts in the window when it has been. Few: what is
 * read is not compressed before the line is known.
 */
export const readAheadMax = 12;
/** Such content that may have come and is not written yet: the window, twice over, and what was being read. */
export const aheadBytesAtMost = 2 * (untakenBytesMax + readAheadMax * aheadBytesMax);

/** Content that the target's end asks for, or has not written yet. A slow, long line wants much of it. */
export const contentBytesMax = 16 * mebi;

/** What a wish costs at least, as if it were for so many bytes. Arbitrary: it bounds how many are under way. */
const wishBytesMin = 8192;

/** What one file of a removal counts. */
export const removalBytes = 48;

/** What a wish for so many bytes of content costs, which is so long itself. */
export function wishCost(bytes: number, bodyBytes: number): number {
  return Math.max(bytes, wishBytesMin) + bodyBytes;
}

/** Wishes that may wait at the source's end, and their own bytes: twice what a good end asks for, and one. */
export const wishesAtMost = (2 * contentBytesMax) / wishBytesMin;
export const wishBodiesAtMost = 2 * contentBytesMax + Math.max(...messageBytesMax.slice(0, 3));

/** Signatures of large files that the source's end keeps, and their bytes: one for each file that is written. */
export const signaturesMax = 64;
export const signatureBytesMax = 512 * mebi;
