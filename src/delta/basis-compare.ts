// Confirms candidates by comparing bytes, where the basis can be read: cheaper than any hash.

import type { Confirm } from "./block-finder.ts";
import { type BlockLayout, blockOffset } from "./block-layout.ts";
import { type ReadAt, readFully } from "./stream.ts";

/** How much of the basis is read ahead while block follows block. */
const READ_AHEAD = 256 << 10;
/** What is read of a block that does not follow the last: most wrong candidates differ early. */
const FIRST_LENGTH = 4096;

/** Returns the `confirm` of MatchOptions for a basis that `read` reads. */
export function compareWithBasis(layout: BlockLayout, read: ReadAt): Confirm {
  // Whole blocks, so that none is cut by the end of what was read and has to be read again.
  const { blockLength, fileLength } = layout;
  const ahead = Math.max(1, Math.floor(READ_AHEAD / Math.max(blockLength, 1))) * blockLength;
  const length = Math.min(ahead, fileLength);
  const buffer = Buffer.allocUnsafeSlow(length);
  // buffer[0, held) are the basis's bytes from `heldFrom` on.
  let heldFrom = 0;
  let held = 0;
  const hold = (offset: number, length: number): void => {
    heldFrom = offset;
    held = readFully(read, buffer, 0, length, offset);
  };
  return (bytes, start, end, block) => {
    const offset = blockOffset(layout, block);
    const length = end - start;
    if (blockOffset(layout, block + 1) - offset !== length) return false;
    const isHeld = offset >= heldFrom && offset + length <= heldFrom + held;
    if (!isHeld) {
      const follows = offset >= heldFrom && offset <= heldFrom + held;
      if (!follows) {
        const first = Math.min(length, FIRST_LENGTH);
        hold(offset, first);
        if (held < first || buffer.compare(bytes, start, start + first, 0, first) !== 0)
          return false;
      }
      hold(offset, follows ? buffer.length : length);
      if (held < length) return false;
    }
    const from = offset - heldFrom;
    return buffer.compare(bytes, start, end, from, from + length) === 0;
  };
}
