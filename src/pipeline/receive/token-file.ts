// A regular file made from tokens that come piece by piece: literal bytes, and copies of a file that
// the target has. It is staged, and gets its name only when the digest of all of it is the one that
// came behind the tokens (promise P7).

import { type ByteString, joinPath } from "../../base/index.ts";
import type { Token } from "../../changeset/index.ts";
import { type FileHandle, FsError } from "../../fs/index.ts";
import { createDigest, type Digest, type DigestName, digestOf } from "../../hash/index.ts";
import type { Seen } from "./commit.ts";
import { completeStaged } from "./complete-staged.ts";
import type { ReceiveContext, SourceEntry } from "./context.ts";
import type { Basis } from "./delta-content.ts";
import { createdModeOf } from "./new-attributes.ts";
import { openBasis } from "./prove-content.ts";
import { punchZeros } from "./sparse.ts";
import { createStaged, discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

const pieceBytes = 256 * 1024;
const piece = new Uint8Array(pieceBytes);

/** A file in the making. Begin with beginTokenFile(); end with finish() or abandon(). */
export class TokenFile {
  readonly #context: ReceiveContext;
  readonly #place: TargetPlace;
  readonly #entry: SourceEntry;
  readonly #seen: Seen;
  readonly #digestName: DigestName;
  /** Of what is there so far; undefined = nothing, or all of it at once. */
  #digest: Digest | undefined;
  /** The digest of all of it, which came in one piece. */
  #whole: Uint8Array | undefined;
  readonly #staged: Staged;
  readonly #file: FileHandle;
  readonly #createdMode: number;
  #basis: Basis | undefined;
  #position = 0;
  #literal = 0;
  #trouble: ByteString | undefined;

  /** Throws FsError when the file cannot be staged. */
  constructor(
    context: ReceiveContext,
    place: TargetPlace,
    entry: SourceEntry,
    seen: Seen,
    digest: DigestName,
  ) {
    this.#context = context;
    this.#place = place;
    this.#entry = entry;
    this.#seen = seen;
    this.#digestName = digest;
    this.#createdMode = createdModeOf(context.options, entry.listing, entry.index);
    const { fs, staging } = context;
    const { staged, file } = createStaged(fs, staging, place, entry.name, this.#createdMode);
    this.#staged = staged;
    this.#file = file;
  }

  /** Opens the basis, for whoever cannot keep its directory open. */
  pinBasis(): void {
    this.#openBasis();
  }

  /** Adds what the tokens say; `isLast`: nothing follows. Throws FsError for what happens to the staged file. */
  take(tokens: readonly Token[], isLast = false): void {
    const [first] = tokens;
    if (isLast && this.#position === 0 && tokens.length === 1 && first?.kind === "literal") {
      this.#whole = digestOf(this.#digestName, first.bytes);
    }
    for (const token of tokens) {
      if (this.#trouble !== undefined) return;
      if (token.kind === "literal") {
        this.#put(token.bytes, token.bytes.length);
        this.#literal += token.bytes.length;
      } else if (token.kind === "copy") this.#copy(token.offset, token.length);
      else this.#copy(0, this.#entry.listing.size[this.#entry.index] as number);
    }
  }

  /**
   * Gives the file its name if its content has this digest; false after a problem was reported. `place`: its directory,
   * if it was opened anew meanwhile.
   */
  finish(digest: Uint8Array, place = this.#place): boolean {
    const { options } = this.#context;
    const isRight =
      this.#trouble === undefined &&
      Buffer.compare(this.#found(), digest) === 0 &&
      (!options.content.readBack || this.#isReadBack(digest));
    if (!isRight) {
      this.abandon();
      this.#report(this.#trouble ?? "what arrived is not what was sent");
      return false;
    }
    this.#closeBasis();
    if (options.sparse) punchZeros(this.#context, this.#file, this.#position);
    this.#context.count(this.#literal, this.#position - this.#literal);
    return completeStaged(this.#context, place, this.#entry, this.#seen, {
      staged: this.#staged,
      target: this.#file,
      createdMode: this.#createdMode,
      source: undefined,
    });
  }

  /** Lets the file go. */
  abandon(): void {
    const { fs } = this.#context;
    this.#closeBasis();
    fs.closeFile(this.#file);
    discardStaged(fs, this.#staged);
  }

  /** Says whether the staged file has what was written (--verify). */
  #isReadBack(wanted: Uint8Array): boolean {
    const digest = createDigest(this.#digestName);
    for (let position = 0; ; ) {
      const got = this.#context.fs.read(this.#file, piece, 0, pieceBytes, position);
      if (got === 0) break;
      digest.update(piece, 0, got);
      position += got;
    }
    if (Buffer.compare(digest.digest(), wanted) === 0) return true;
    this.#trouble = "what was written is not what arrived";
    return false;
  }

  #found(): Uint8Array {
    return this.#whole ?? (this.#digest ?? createDigest(this.#digestName)).digest();
  }

  #hash(bytes: Uint8Array, length: number): void {
    if (this.#whole !== undefined) return;
    this.#digest ??= createDigest(this.#digestName);
    this.#digest.update(bytes, 0, length);
  }

  #put(bytes: Uint8Array, length: number): void {
    const { fs } = this.#context;
    this.#context.throttle(length);
    fs.write(this.#file, bytes, 0, length, this.#position);
    this.#hash(bytes, length);
    this.#position += length;
  }

  #copy(offset: number, length: number): void {
    const basis = this.#openBasis();
    if (basis === undefined) return;
    const { fs } = this.#context;
    for (let done = 0; done < length; ) {
      const wanted = Math.min(pieceBytes, length - done);
      const got = this.#readBasis(basis, wanted, offset + done);
      if (got === 0) return;
      this.#context.advance(got);
      fs.write(this.#file, piece, 0, got, this.#position);
      this.#hash(piece, got);
      this.#position += got;
      done += got;
    }
  }

  #readBasis(basis: Basis, length: number, position: number): number {
    try {
      const got = this.#context.fs.read(basis.file, piece, 0, length, position);
      if (got === 0) this.#trouble = "the old file has become shorter";
      return got;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      this.#trouble = `cannot read the old file: ${error.reason}`;
      return 0;
    }
  }

  #openBasis(): Basis | undefined {
    if (this.#basis !== undefined) return this.#basis;
    this.#basis = openBasis(this.#context, this.#place, this.#entry, this.#seen);
    if (this.#basis === undefined) this.#trouble = "the old file is no longer there";
    return this.#basis;
  }

  #closeBasis(): void {
    if (this.#basis !== undefined) this.#context.fs.closeFile(this.#basis.file);
    this.#basis = undefined;
  }

  #report(message: ByteString): void {
    const path = joinPath(this.#place.path, this.#entry.name);
    this.#context.problem(path, "receive", 0, message);
  }
}
