// A large file of a source that is elsewhere, whose content comes piece by piece while it is read.
// Reading it blocks the lane until the piece is there.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import { createDigest, type Digest, type DigestName, equalDigests } from "../../hash/index.ts";
import type { SentFile } from "../../session/index.ts";
import { FeedReader } from "../tasks/content-feed.ts";
import { streamPieceBytes } from "../tasks/far-tasks.ts";
import { type ContentFile, openArrived } from "./arrived-content.ts";
import { buildFromBasis, type OwnBasis, type OwnFile, openOwn } from "./basis-blocks.ts";
import type { ContentOrigin } from "./content-origin.ts";
import type { ArrivedFile } from "./far-door.ts";
import { openStanding, type StandingFile } from "./standing-file.ts";

/** EBADMSG. */
const damaged = 74;

/** How a lane gets at the pieces. */
export interface PieceSource {
  readonly feed: FeedReader;
  /** Where the first piece begins. */
  readonly start: number;
  /** Asks for what is at a position. */
  pull(position: number): void;
  /** Throws when the run was cancelled. */
  check(): void;
}

/** Returns how a lane gets at what comes through a feed, if it does. */
export function pieceSource(
  lane: {
    readonly pull: ((position: number, taken: number) => void) | undefined;
    checkCancelled(): void;
  },
  { feed, start = 0 }: Pick<ContentOrigin, "feed" | "start">,
): PieceSource | undefined {
  if (feed === undefined) return undefined;
  const reader = new FeedReader(feed);
  return {
    feed: reader,
    start,
    pull: (position) => lane.pull?.(position, reader.taken),
    check: () => lane.checkCancelled(),
  };
}

/** Such a file. The first piece is there from the start. */
export class ArrivingFile implements ArrivedFile {
  readonly #pieces: PieceSource;
  readonly #basis: OwnBasis;
  readonly #row: number;
  /** rsync's checksum is behind the whole file: which it is, what has been hashed so far, whether it fits. */
  readonly #wholeSum: DigestName | undefined;
  #running: Digest | undefined;
  #hashed = 0;
  #isProven = true;
  #own: OwnFile | undefined;
  #file: ContentFile;
  /** The bytes at hand, and where in the file they stand. */
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #isTorn = false;
  /** Where pieces are put together of what was sent and of what the target has. */
  #room: Uint8Array | undefined;
  /** The file that pieces were found to be the same as, and up to where. */
  #standing: StandingFile | undefined;
  #standsTo = 0;
  size = 0;
  mtime = 0;
  mtimeNanos = 0;
  matched = 0;

  /** Waits for the first piece. `wholeSum`: which checksum the last one brings. Throws FsError, and a protocol-data error. */
  constructor(pieces: PieceSource, row: number, basis: OwnBasis, wholeSum?: DigestName) {
    this.#wholeSum = wholeSum;
    this.#pieces = pieces;
    this.#basis = basis;
    this.#row = row;
    this.#file = this.#take(pieces.start);
    if (pieces.start === 0 && wholeSum === undefined && isUnmoved(this.#file)) this.#lookAhead();
  }

  /**
   * Takes pieces as long as they are what stands under the name, where that stands. If all are, it is the same file, whose content can
   * stay; if not, what lies before the first that is not is read there once more.
   */
  #lookAhead(): void {
    const standing = openStanding(this.#basis, this.size);
    if (standing === undefined) return;
    this.#standing = standing;
    while (!this.#isTorn) {
      const next = this.#position + this.#bytes.length;
      if (next >= this.size) {
        this.#file = { row: this.#row, kind: "same", number: 0 };
        this.matched = 0;
        this.#bytes = this.#bytes.subarray(0, 0);
        return;
      }
      this.#file = this.#take(next);
      this.#standsTo = next;
      if (!isUnmoved(this.#file)) return;
    }
  }

  /** The target has the very content under the name. */
  get isSame(): boolean {
    return this.#file.kind === "same";
  }

  /** As which file of the target it is; undefined = as none. */
  get number(): number | undefined {
    return this.#file.kind === "same" ? this.#file.number : undefined;
  }

  /** What came is not of one state of the file. */
  get isTorn(): boolean {
    return this.#isTorn || !this.#isProven;
  }

  /** Gives a file that is the same the state that was listed. */
  settleAs(state: {
    readonly size: number;
    readonly mtime: number;
    readonly mtimeNanos: number;
  }): void {
    if (this.isSame) Object.assign(this, state);
  }

  /** Throws FsError when the source's end could not read it. */
  checkReadable(): void {
    const { kind } = this.#file;
    // As another file of the target: whoever can has made it of that.
    if ((this.number ?? 0) > 0) throw new FsError(damaged, "receive", this.#basis.name);
    if (kind !== "problem") return;
    const { errno, operation } = this.#file as SentFile & { readonly kind: "problem" };
    throw new FsError(errno, operation, this.#basis.name);
  }

  at(position: number): Uint8Array {
    if (position >= this.size) return this.#bytes.subarray(0, 0);
    if (position < this.#standsTo && !this.isSame && this.#standing !== undefined) {
      return this.#standing.at(position, this.#standsTo);
    }
    const end = this.#position + this.#bytes.length;
    if (position >= this.#position && position < end) {
      return this.#bytes.subarray(position - this.#position);
    }
    if (this.isSame) this.#readOwn(position);
    else this.#file = this.#take(position);
    this.checkReadable();
    return this.#bytes;
  }

  close(): void {
    this.#pieces.feed.release();
    this.#bytes = new Uint8Array(0);
    this.#own?.close();
    this.#standing?.close();
  }

  /** Nobody looks at a piece any more when the next one is put together. */
  readonly #roomFor = (_name: ByteString, length: number): Uint8Array => {
    this.#room ??= new Uint8Array(streamPieceBytes);
    return this.#room.subarray(0, length);
  };

  #readOwn(position: number): void {
    const bytes = new Uint8Array(Math.min(streamPieceBytes, this.size - position));
    this.#own ??= openOwn(this.#basis);
    if (position === 0) this.#own.checkSize(this.size);
    this.#own.read(bytes, position);
    this.matched += bytes.length;
    this.#bytes = bytes;
    this.#position = position;
  }

  /** Waits for the piece at a position; earlier ones that nobody wants any more are passed over. */
  #take(position: number): ContentFile {
    const { feed, pull, check } = this.#pieces;
    feed.release();
    pull(position);
    for (;;) {
      const { files, bytes } = openArrived(feed.take(check), this.#wholeSum);
      const [placed] = files;
      if (placed === undefined || files.length !== 1 || placed.file.row !== this.#row) {
        throw new ManifoldError("protocol-data", "The other end sent a piece of another file");
      }
      const { file, start } = placed;
      if (file.kind === "same" || file.kind === "problem") return file;
      if (file.position !== position) {
        // What is wanted may have come while this one took its place: it is to be handed over now.
        feed.release();
        pull(position);
        continue;
      }
      const fits = (length: number): boolean =>
        length <= streamPieceBytes && position + length <= file.size;
      if (file.kind === "whole" && file.length > streamPieceBytes) {
        throw new ManifoldError("protocol-data", "The other end sent a piece that is too long");
      }
      this.#note(file);
      const built =
        file.kind === "whole"
          ? { bytes: bytes.subarray(start, start + lengthWithin(file)), matched: 0 }
          : buildFromBasis(this.#basis, file, bytes, start, fits, this.#roomFor);
      this.#bytes = built.bytes;
      this.#position = position;
      this.matched += built.matched;
      this.#hash(file);
      return file;
    }
  }

  /** Hashes what is at hand; the last piece brings what that comes to. Whoever goes back begins with all of it. */
  #hash({ sum }: SentFile & { readonly kind: "whole" | "segments" }): void {
    if (this.#wholeSum === undefined) return;
    if (this.#position === this.#pieces.start) {
      this.#running = createDigest(this.#wholeSum);
      this.#hashed = this.#position;
      this.#isProven = false;
    }
    if (this.#position !== this.#hashed) this.#running = undefined;
    this.#running?.update(this.#bytes);
    this.#hashed += this.#bytes.length;
    if (sum === undefined || this.#running === undefined) return;
    this.#isProven = equalDigests(this.#running.digest(), sum);
    this.#running = undefined;
    // Where it is added to what is there, nobody looks at it once more.
    if (!this.#isProven && this.#pieces.start > 0)
      throw new FsError(damaged, "receive", this.#basis.name);
  }

  /** The first piece says what the file is; the others have to agree. */
  #note({
    position,
    size,
    mtime,
    mtimeNanos,
  }: SentFile & { readonly kind: "whole" | "segments" }): void {
    if (position === this.#pieces.start) {
      this.#isTorn = false;
      this.matched = 0;
    } else if (size !== this.size || mtime !== this.mtime || mtimeNanos !== this.mtimeNanos) {
      this.#isTorn = true;
    }
    this.size = size;
    this.mtime = mtime;
    this.mtimeNanos = mtimeNanos;
  }
}

/** Says whether a piece is what the target has in the same place. */
function isUnmoved(file: ContentFile): boolean {
  if (file.kind !== "segments") return false;
  let position = file.position;
  for (const segment of file.segments) {
    if (segment.kind !== "basis" || segment.offset !== position) return false;
    position += segment.length;
  }
  return true;
}

/** The file may have become shorter after it was read. */
function lengthWithin({ length, position, size }: SentFile & { readonly kind: "whole" }): number {
  return Math.max(0, Math.min(length, size - position));
}
