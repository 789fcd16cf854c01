// zstd as rsync has it between two ends: one stream for the whole conversation, flushed at every turn from literals to something
// else. What is sent here is a frame for each run of literals, one behind the other, which is such a stream, too.

import { assert, ManifoldError } from "../../base/index.ts";
import { loadZstd, type Zstd } from "../../native/index.ts";
import type { Expander } from "./expander.ts";

/** What comes out at a time. */
const outputBytes = 128 * 1024;
/** More than a chunk of compressed bytes. */
const inputBytes = 16_384;
const usualLevel = 3;

function zstdHere(): Zstd {
  const zstd = loadZstd();
  assert(zstd !== undefined, "What was agreed on is there.");
  return zstd;
}

/** Expands what comes, piece by piece, in memory that is given back when it is closed. */
export class ZstdExpander implements Expander {
  readonly #zstd = zstdHere();
  readonly #context = this.#zstd.ZSTD_createDCtx();
  readonly #input = new Uint8Array(inputBytes);
  readonly #output = new Uint8Array(outputBytes);
  /** Two structures of zstd.h: where the memory is, how long it is, how much of it is used. */
  readonly #structures = new BigUint64Array(6);
  readonly #at: number;
  #isClosed = false;

  constructor() {
    this.#at = this.#zstd.address(new Uint8Array(this.#structures.buffer));
    this.#structures[0] = BigInt(this.#zstd.address(this.#input));
    this.#structures[3] = BigInt(this.#zstd.address(this.#output));
    this.#structures[4] = BigInt(outputBytes);
  }

  take(bytes: Uint8Array): void {
    assert(bytes.length <= inputBytes, "A chunk is not longer than a chunk can be.");
    this.#input.set(bytes);
    this.#structures[1] = BigInt(bytes.length);
    this.#structures[2] = 0n;
  }

  next(): Uint8Array | undefined {
    if (this.#isClosed) return undefined;
    this.#structures[5] = 0n;
    const [input, output] = [this.#at, this.#at + 24];
    const result = this.#zstd.ZSTD_decompressStream(this.#context, output, input);
    if (result < 0) {
      const message = `What came compressed cannot be decompressed: zstd error ${-result}`;
      throw new ManifoldError("protocol-data", message);
    }
    const used = Number(this.#structures[5]);
    return used === 0 ? undefined : this.#output.subarray(0, used);
  }

  close(): void {
    if (!this.#isClosed) this.#zstd.ZSTD_freeDCtx(this.#context);
    this.#isClosed = true;
  }
}

/** One for each thread: it takes longer to make than to use. */
let context: number | undefined;

/** Returns literals as a frame. */
export function zstdFrame(bytes: Uint8Array, level: number | undefined): Uint8Array {
  const zstd = zstdHere();
  context ??= zstd.ZSTD_createCCtx();
  const output = new Uint8Array(bytes.length + Math.ceil(bytes.length / 256) + 128);
  const [to, from] = [zstd.address(output), zstd.address(bytes)];
  const most = zstd.ZSTD_maxCLevel();
  const chosen = Math.min(level ?? usualLevel, most);
  const length = zstd.ZSTD_compressCCtx(context, to, output.length, from, bytes.length, chosen);
  assert(length >= 0, "There is room for what is compressed.");
  return output.subarray(0, length);
}
