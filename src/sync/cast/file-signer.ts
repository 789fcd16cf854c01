// A target's large files that are going to change, as sums of their blocks: what stays of them is not sent.

import { type ByteString, baseName, parentPath } from "../../base/index.ts";
import { emptySignature, layoutOf, signBlocks } from "../../delta/index.ts";
import { type DirHandle, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import { type CastOrder, encodeCastAnswer, lane, type SignedBlocks } from "../../session/index.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { type Driving, driveSteps } from "../verbs/drive-steps.ts";
import type { Steps } from "../verbs/steps.ts";

/** Bytes that are read between two turns of the connection. */
const turnBytes = 16 * 1024 * 1024;
/** Blocks of one file: 3 million, of 128 KiB, are 390 GB, and their sums fit into a message. */
export const signedBlocksMax = 3_000_000;

const none: SignedBlocks = {
  ...{ fileLength: 0, blockLength: 0 },
  ...{ weak: new Uint32Array(0), strong: new Uint8Array(0) },
};

/** Signs files, one after the other. */
export class FileSigner {
  readonly #root: ByteString;
  readonly #surroundings: Surroundings;
  readonly #driving: Driving;
  #last: Promise<void> = Promise.resolve();

  constructor(root: ByteString, surroundings: Surroundings, driving: Driving) {
    this.#root = root;
    this.#surroundings = surroundings;
    this.#driving = driving;
  }

  /** Signs a file and tells its sums, after those before it. `failed` hears of what ends all. */
  sign(order: CastOrder & { readonly kind: "sign" }, failed: (error: unknown) => void): void {
    const { board } = this.#driving;
    this.#last = this.#last
      .then(() => driveSteps(this.#signed(order), this.#driving))
      .then((blocks) => {
        board.peer.send(lane.request, encodeCastAnswer({ kind: "signature", ...blocks }));
      })
      .catch(failed);
  }

  *#signed({ path, digest }: CastOrder & { readonly kind: "sign" }): Steps<SignedBlocks> {
    const fs = openDoor(this.#surroundings);
    const open: DirHandle[] = [];
    let file: FileHandle | undefined;
    try {
      const root = fs.openRoot(this.#root);
      open.push(root);
      const dir = fs.openDirectory(root, parentPath(path));
      open.push(dir);
      file = fs.openRead(dir, baseName(path));
      const stat = new Stat();
      fs.statFile(file, stat);
      const layout = layoutOf(stat.size);
      if (layout.count > signedBlocksMax) return none;
      const signature = emptySignature(layout);
      const blocks = Math.max(1, Math.floor(turnBytes / layout.blockLength));
      for (let firstBlock = 0; firstBlock < layout.count; firstBlock += blocks) {
        const blockCount = Math.min(blocks, layout.count - firstBlock);
        const read = (into: Uint8Array, offset: number, length: number, position: number) =>
          fs.read(file as FileHandle, into, offset, length, position);
        signBlocks(signature, read, { firstBlock, blockCount, hash: digest });
        yield;
      }
      return signature;
    } catch (error) {
      // Whoever applies the changes will find out; without sums all of it is sent.
      if (!(error instanceof FsError)) throw error;
      return none;
    } finally {
      if (file !== undefined) fs.closeFile(file);
      for (const dir of open) fs.closeDirectory(dir);
    }
  }
}
