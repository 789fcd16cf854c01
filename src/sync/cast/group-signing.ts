// Large files that change at targets which share a stream: what all of these have of the old content, by sums of its blocks,
// need not be sent. Sizes and times tell nobody that content is the same, so that each of them is asked.

import { type ByteString, type Clock, joinPath } from "../../base/index.ts";
import type { OrderedDirectory } from "../../changeset/index.ts";
import { layoutOf, type Signature, STRONG_LENGTH } from "../../delta/index.ts";
import type { SignedBlocks } from "../../session/index.ts";
import { isRegular } from "../../tree/index.ts";
import { changesOldContent } from "../verbs/changes-old-content.ts";
import { WrittenListing } from "../verbs/listing-stream.ts";
import { changesetDigest } from "../verbs/stage-output.ts";
import type { Steps } from "../verbs/steps.ts";
import { signedBlocksMax } from "./file-signer.ts";
import { type Recording, recordStream } from "./record-stream.ts";
import type { TargetLink } from "./target-link.ts";

/** Smaller files are sent whole. */
const signedBytesMin = 1024 * 1024;
/** Files that are signed, the first ones in listing order: arbitrary, but each is a message. */
export const signedFilesMax = 10_000;
/** When half of the targets have signed, the others get as long again, or this long if that is more. */
const patienceMs = 5000;

/** A file that is signed, and what is known to be the same everywhere. */
export interface SignedFile {
  readonly path: ByteString;
  readonly size: number;
  /** Undefined = nobody has told; null = nothing is. A block that is not the same everywhere has a sum of null bytes. */
  common: Signature | undefined | null;
}

/** What targets of a group have in common of such files. */
export class GroupSigning {
  readonly #clock: Clock;
  readonly #filesOf: (link: TargetLink) => readonly SignedFile[];
  readonly #byPath: ReadonlyMap<ByteString, SignedFile>;

  /** `filesOf`: those that a target takes from the stream; by default all. */
  constructor(
    files: readonly SignedFile[],
    clock: Clock,
    filesOf: (link: TargetLink) => readonly SignedFile[] = () => files,
  ) {
    this.#clock = clock;
    this.#filesOf = filesOf;
    this.#byPath = new Map(files.map((file) => [file.path, file]));
  }

  /**
   * Finds out what targets with the same listing have; undefined = no large file changes. Whoever takes too long is not waited
   * for, and `isUnsigned` from then on.
   */
  static *find(
    links: readonly TargetLink[],
    recording: Recording,
    clock: Clock,
  ): Steps<GroupSigning | undefined> {
    const isWanted = recording.kept !== undefined && maySign(recording);
    if (!isWanted || !(yield* hasLarge(recording))) return undefined;
    const files = yield* findLarge(recording);
    if (files.length === 0) return undefined;
    const signing = new GroupSigning(files, clock);
    yield signing.gather(links);
    return signing;
  }

  /** The sums of the blocks of a file that all have; undefined = it is sent whole. */
  signatureOf(path: ByteString): Signature | undefined {
    return this.#byPath.get(path)?.common ?? undefined;
  }

  /** Says whether a target that has come late has what the others have in common. */
  async verify(link: TargetLink): Promise<boolean> {
    let isSame = true;
    const isWhole = await this.#ask(link, (file, blocks) => {
      isSame &&= file.common === null || agrees(file, blocks);
    });
    return isWhole && isSame;
  }

  /** Resolves when all have signed, or are not to be waited for. */
  gather(links: readonly TargetLink[]): Promise<void> {
    const waiting = new Set(links);
    const began = this.#clock.now();
    return new Promise((resolve) => {
      let disarm: () => void = () => undefined;
      let isLimited = false;
      const end = (): void => {
        disarm();
        for (const link of waiting) {
          link.isUnsigned = true;
          link.onSignature = () => undefined;
        }
        resolve();
      };
      for (const link of links) {
        void this.#ask(link, (file, blocks) => merge(file, blocks)).then(() => {
          waiting.delete(link);
          if (waiting.size === 0) end();
          else if (!isLimited && 2 * waiting.size <= links.length) {
            isLimited = true;
            disarm = this.#clock.after(Math.max(patienceMs, this.#clock.now() - began), end);
          }
        });
      }
    });
  }

  /** Asks a target for its sums; resolves when `take` has had all of them, to false if it ends before. */
  #ask(link: TargetLink, take: (file: SignedFile, blocks: SignedBlocks) => void): Promise<boolean> {
    const files = this.#filesOf(link);
    if (files.length === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      let told = 0;
      link.onSignature = (blocks) => {
        const file = files[told++];
        if (file !== undefined) take(file, blocks);
        if (told === files.length) resolve(true);
      };
      for (const { path } of files) {
        link.order({ kind: "sign", path, digest: changesetDigest() });
      }
      void link.ended.then(() => resolve(false));
    });
  }
}

/** Takes a target's sums into what is the same everywhere. */
function merge(file: SignedFile, blocks: SignedBlocks): void {
  const layout = layoutOf(file.size);
  const { common } = file;
  if (common === null) return;
  if (!fits(file, blocks)) file.common = null;
  else if (common === undefined) {
    const { weak, strong } = blocks;
    file.common = { ...layout, weak, strong, strongLength: STRONG_LENGTH };
  } else {
    for (let block = 0; block < layout.count; block++) {
      if (isSame(common, blocks, block)) continue;
      // Nothing has that digest. Equal rolling sums would have whoever searches look at all of these again and again.
      common.strong.fill(0, block * STRONG_LENGTH, (block + 1) * STRONG_LENGTH);
      common.weak[block] = Math.imul(block + 1, 0x9e3779b1);
    }
  }
}

/** Says whether a target has every block that is the same everywhere. */
function agrees(file: SignedFile, blocks: SignedBlocks): boolean {
  const { common } = file;
  if (!common || !fits(file, blocks)) return false;
  for (let block = 0; block < common.count; block++) {
    if (!isSame(common, blocks, block) && !isBlank(common, block)) return false;
  }
  return true;
}

function fits({ size }: SignedFile, { fileLength, blockLength, weak, strong }: SignedBlocks) {
  const layout = layoutOf(size);
  const isLaidOut = fileLength === size && blockLength === layout.blockLength;
  return (
    isLaidOut && weak.length === layout.count && strong.length === layout.count * STRONG_LENGTH
  );
}

function isSame(common: Signature, { weak, strong }: SignedBlocks, block: number): boolean {
  if (common.weak[block] !== weak[block]) return false;
  for (let i = block * STRONG_LENGTH; i < (block + 1) * STRONG_LENGTH; i++) {
    if (common.strong[i] !== strong[i]) return false;
  }
  return true;
}

function isBlank({ strong }: Signature, block: number): boolean {
  return strong
    .subarray(block * STRONG_LENGTH, (block + 1) * STRONG_LENGTH)
    .every((byte) => byte === 0);
}

/** Says whether files are to be sent in parts at all. */
export function maySign({ sources, options }: Recording): boolean {
  return sources !== undefined && options.transfer.wholeFile !== true;
}

/** Returns the size of the old file that a row's content may begin from; undefined = it is sent whole. */
export function signedSize(orders: OrderedDirectory, row: number): number | undefined {
  if (!changesOldContent(orders, row) || orders.bases.has(row)) return undefined;
  const size = orders.before.columns.size[row] as number;
  const least = Math.min(size, orders.after.columns.size[row] as number);
  return least >= signedBytesMin && layoutOf(size).count <= signedBlocksMax ? size : undefined;
}

/** Looks for a large file in what the targets have: without one the source need not be compared twice. */
function* hasLarge({ kept }: Recording): Steps<boolean> {
  const listing = new WrittenListing(kept?.pieces() ?? [], "the target");
  try {
    for (let found = listing.next(); found !== undefined; found = listing.next()) {
      const { mode, size, count } = found.columns;
      for (let row = 0; row < count; row++) {
        const isLarge = (size[row] as number) >= signedBytesMin;
        if (isLarge && isRegular(mode[row] as number)) return true;
      }
      yield;
    }
    return false;
  } finally {
    listing.close();
  }
}

/** Returns large files that change, in the order in which they are recorded. */
function* findLarge(recording: Recording): Steps<SignedFile[]> {
  const files: SignedFile[] = [];
  const apart = (orders: OrderedDirectory, row: number): boolean => {
    const size = signedSize(orders, row);
    if (size !== undefined && files.length < signedFilesMax) {
      files.push({ path: joinPath(orders.path, orders.name(row)), size, common: undefined });
    }
    return true;
  };
  yield* recordStream({ ...recording, apart, tell: () => undefined }, () => undefined);
  return files;
}
