// What the target's end tells of files that a wanted one may be made of, before anything is sent: digests of those of
// its size, and which of them the sums of blocks are told of.

import { FsError, Stat } from "../../fs/index.ts";
import type { MoveBasis } from "../tasks/move-tasks.ts";
import { digestOpenFile } from "./file-digest.ts";
import { closeFound, type FoundFile, type FoundLane, openFound } from "./found-file.ts";

/** Of a digest that says what the target has: enough that nothing else has it by chance. */
export const knownDigestBytes = 16;
/** Of large files only the likeliest are read: sending one costs no more than reading some. */
const largeBytes = 1024 * 1024;
const largeMax = 4;
/** Files of which one is likely to be it: those of the wanted time, too. */
const timelyMax = 4;
/** The n-th likeliest is told of if the file is longer than n * n * this: it is ever less likely to be the one. */
const bytesPerDigest = 64;
const leastMax = 2;
/** Digests that a lane keeps, 10 MB of them: one file may be wanted in many places, and looked at for many others. */
const keptMax = 32 * 1024;

/** Digests of a lane's files by what they looked like. */
export class KnownDigests {
  readonly #kept = new Map<string, Uint8Array>();

  /** Returns the files of the wanted size with their digests, and (without one) the others. */
  of(
    lane: FoundLane,
    bases: readonly MoveBasis[],
    size: number,
  ): { readonly known: readonly MoveBasis[]; readonly others: readonly MoveBasis[] } {
    const known: MoveBasis[] = [];
    const others: MoveBasis[] = [];
    const { detect } = lane.settings.options.own.renames;
    const timely = bases.reduce((count, { same }) => count + (same === "time" ? 1 : 0), 0);
    const worth =
      size > largeBytes
        ? largeMax
        : Math.max(leastMax, Math.ceil(Math.sqrt(size / bytesPerDigest)));
    const max = timely > 0 ? Math.min(timely, timelyMax, worth) : worth;
    for (const basis of bases) {
      const isLikely = basis.same !== "name" && known.length < max;
      const isOfUse = isLikely && (detect !== "names" || basis.same === "time");
      const of = isOfUse ? this.#digestOf(lane, basis, size) : undefined;
      if (of === undefined) others.push(basis);
      else known.push({ ...basis, ...of });
    }
    return { known, others };
  }

  /** Undefined = it is not of that size, or cannot be read. */
  #digestOf(
    lane: FoundLane,
    basis: MoveBasis,
    size: number,
  ): { readonly digest: Uint8Array; readonly looks: string } | undefined {
    const found = openFound(lane, basis);
    if (found === undefined) return undefined;
    try {
      const { looks } = found;
      if (looks.size !== size) return undefined;
      const key = lookOf(looks);
      const kept = this.#kept.get(key);
      if (kept !== undefined) return { digest: kept, looks: key };
      const digest =
        lane.digests.target?.lookup(looks)?.slice(0, knownDigestBytes) ?? digestOf(lane, found);
      if (this.#kept.size >= keptMax) this.#kept.clear();
      this.#kept.set(key, digest);
      return { digest, looks: key };
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return undefined;
    } finally {
      closeFound(lane, found);
    }
  }
}

/** Says what a file looks like: as long as that is the same, its content is. */
export function lookOf(looks: Stat): string {
  const { devMajor, devMinor, inoHigh, inoLow, mtime, mtimeNanos, ctime, ctimeNanos } = looks;
  return [devMajor, devMinor, inoHigh, inoLow, mtime, mtimeNanos, ctime, ctimeNanos].join();
}

const now = new Stat();

/** Reads a file that was found, and returns what is told of its content, which is remembered for other runs. Throws FsError. */
export function digestOf(
  { fs, digests }: FoundLane,
  { file, looks }: Pick<FoundFile, "file" | "looks">,
): Uint8Array {
  const digest = digestOpenFile(fs, file, "blake3");
  if (digests.target?.remembers === true) {
    fs.statFile(file, now);
    const isSteady = now.size === looks.size && lookOf(now) === lookOf(looks);
    if (isSteady) digests.target.remember(looks, digest, { fs, file });
  }
  return digest.slice(0, knownDigestBytes);
}
