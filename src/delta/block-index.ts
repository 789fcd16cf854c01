// A signature's blocks made ready to be looked for: the index lies in a rolling kernel's memory,
// with room for a window of the file that is searched. Making one costs about as much as reading
// 16 bytes for each block, so whoever matches range after range with one signature keeps it.

import type { RollingKernel } from "../hash/index.ts";
import { fullBlockCount } from "./block-layout.ts";
import { returnKernel, takeKernel } from "./kernel-pool.ts";
import type { Signature } from "./signature.ts";
import { buildIndex, type IndexPlan, planIndex } from "./sum-index.ts";

/** What is read at once: stays in the second-level cache while it is searched. */
const WINDOW_LENGTH = 256 << 10;

/** An open index; one user at a time. */
export interface BlockIndex {
  readonly signature: Signature;
  readonly kernel: RollingKernel;
  readonly plan: IndexPlan;
  readonly chains: Int32Array;
  /** The length of the window that the kernel has room for. */
  readonly capacity: number;
}

/** Opens an index; the signature must be complete. Give it to closeIndex(). */
export function openIndex(signature: Signature): BlockIndex {
  const count = fullBlockCount(signature);
  const plan = planIndex(count);
  const capacity = Math.max(WINDOW_LENGTH, 4 * signature.blockLength);
  const kernel = takeKernel(plan.windowStart + capacity);
  const chains = buildIndex(kernel, plan, signature.weak, count);
  return { signature, kernel, plan, chains, capacity };
}

/** Closes an index: its memory goes to the next one. */
export function closeIndex(index: BlockIndex): void {
  returnKernel(index.kernel);
}
