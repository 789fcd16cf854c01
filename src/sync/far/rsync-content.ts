// Wishes for small files, asked for by rsync's protocol: each file is a request, and when all files of a wish have
// come they are one message, as from any other source.

import type { Signature } from "../../delta/index.ts";
import type { FileSink, Puller } from "../../rsync/index.ts";
import { decodeWanted, type Slabs, type WantedFile } from "../../session/index.ts";
import type { PulledDirectory } from "./pulled-directory.ts";
import { flagsOf } from "./push-items.ts";
import { blockRange, RsyncMessage } from "./rsync-message.ts";
import { contentBytesMax, wishCost } from "./windows.ts";

type Then = (content: Uint8Array, applied: () => void) => void;

interface Job {
  readonly directory: PulledDirectory;
  readonly files: readonly WantedFile[];
  readonly cost: number;
  readonly bytes: number;
  /** What changes about each of them. */
  readonly changes: readonly number[];
  readonly then: Then;
}

/** Session's record of wishes for about so many bytes, and what changes about each file. */
interface RsyncWishes {
  readonly body: Uint8Array;
  readonly bytes: number;
  readonly changes?: readonly number[] | undefined;
}

/** A wish that was asked for. */
interface Asked {
  readonly job: Job;
  readonly message: RsyncMessage;
  left: number;
}

/** Asks, within a window. */
export class RsyncContent {
  readonly #puller: () => Puller;
  readonly #slabs: Slabs;
  readonly #waiting: Job[] = [];
  readonly #asked = new Map<number, { readonly asked: Asked; readonly file: WantedFile }>();
  /** Files that did not come when they were asked for ahead, and why: by index. */
  readonly #refused = new Map<number, number>();
  #outBytes = 0;

  constructor(puller: () => Puller, slabs: Slabs) {
    this.#puller = puller;
    this.#slabs = slabs;
  }

  /** Takes a wish. */
  ask(directory: PulledDirectory, { body, bytes, changes = [] }: RsyncWishes, then: Then): void {
    const files = decodeWanted(body, directory.entries.length);
    const cost = wishCost(bytes, body.length);
    this.#waiting.push({ directory, files, cost, bytes, changes, then });
    this.#goOn();
  }

  #goOn(): void {
    while (this.#outBytes < contentBytesMax) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#outBytes += job.cost;
      this.#request(job);
    }
  }

  #request(job: Job): void {
    const { directory, files, bytes } = job;
    const message = new RsyncMessage(this.#slabs, bytes, files.length);
    const asked = { job, message, left: files.length };
    for (const [i, file] of files.entries()) {
      const index = directory.indices[file.row] as number;
      const errno = this.#refused.get(index);
      if (errno !== undefined) {
        message.problem(file.row, errno);
        this.#came(asked);
        continue;
      }
      this.#asked.set(index, { asked, file });
      const flags = flagsOf(job.changes[i] ?? 0, false);
      const { out } = this.#puller();
      const start = file.piece?.position ?? 0;
      if (start > 0) out.requestFrom(index, flags, start);
      else out.request(index, flags, file.signature);
    }
  }

  /** A file does not come, however often it is asked for: the other end has said why. */
  refuse(index: number, errno: number): void {
    this.#refused.set(index, errno);
  }

  /** A file comes that may have been asked for here; undefined = it was not. */
  answer(index: number): FileSink | undefined {
    const found = this.#take(index);
    if (found === undefined) return undefined;
    const { asked, file } = found;
    const { message, job } = asked;
    const basis: Pick<Signature, "count" | "blockLength" | "remainder"> = file.signature ?? none;
    message.begin();
    return {
      literal: (bytes) => message.literal(bytes),
      block: (number) => {
        const { offset, length } = blockRange(basis, number);
        message.copy(offset, length);
      },
      end: (sum) => {
        const entry = job.directory.entries[file.row];
        const position = file.piece?.position ?? 0;
        const size = position + message.length;
        if (entry !== undefined && position > 0) {
          message.endPiece(file.row, entry, { position, size }, sum);
        } else if (entry !== undefined) message.endFile(file.row, entry, sum);
        this.#came(asked);
      },
    };
  }

  /** A file does not come; says whether it was asked for here. */
  noSend(index: number, errno: number): boolean {
    const found = this.#take(index);
    if (found === undefined) return false;
    found.asked.message.problem(found.file.row, errno);
    this.#came(found.asked);
    return true;
  }

  #take(index: number): { readonly asked: Asked; readonly file: WantedFile } | undefined {
    const found = this.#asked.get(index);
    this.#asked.delete(index);
    return found;
  }

  #came(asked: Asked): void {
    if (--asked.left > 0) return;
    const content = asked.message.finish();
    const { then, cost } = asked.job;
    // Never from within a call, nor from within the reading of what comes.
    setImmediate(() =>
      then(content, () => {
        this.#outBytes -= cost;
        this.#slabs.give(content);
        this.#goOn();
      }),
    );
  }
}

const none = { count: 0, blockLength: 0, remainder: 0 };
