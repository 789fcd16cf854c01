// The rolling (weak) checksum of the rsync algorithm, in plain JavaScript: the definition.
//
// Over a block of n bytes taken as signed numbers x_0..x_{n-1} (rsync technical report, section 3;
// rsync's CHAR_OFFSET is 0):
//   s1 = sum of x_i            s2 = sum of (n - i) * x_i = sum of all prefixes of s1
// and the sum is s1 modulo 2^16 in the low half, s2 modulo 2^16 in the high half, as a signed
// 32-bit number. rolling-kernel.ts computes the same faster where the bytes are in its memory.

/** Returns the rolling checksum of bytes[start, end) as a signed 32-bit integer. */
export function rollingSum(bytes: Uint8Array, start: number, end: number): number {
  let s1 = 0;
  let s2 = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const a = ((bytes[at] as number) << 24) >> 24;
    const b = ((bytes[at + 1] as number) << 24) >> 24;
    const c = ((bytes[at + 2] as number) << 24) >> 24;
    const d = ((bytes[at + 3] as number) << 24) >> 24;
    s2 = (s2 + 4 * (s1 + a) + 3 * b + 2 * c + d) | 0;
    s1 = (s1 + a + b + c + d) | 0;
  }
  for (; at < end; at++) {
    s1 = (s1 + (((bytes[at] as number) << 24) >> 24)) | 0;
    s2 = (s2 + s1) | 0;
  }
  return (s1 & 0xffff) | (s2 << 16);
}

/** Returns the sum of the window one byte further: without `oldByte` (0..255), with `newByte`. */
export function rollSum(sum: number, length: number, oldByte: number, newByte: number): number {
  const old = (oldByte << 24) >> 24;
  const s1 = (sum + ((newByte << 24) >> 24) - old) | 0;
  const s2 = ((sum >>> 16) + s1 - Math.imul(length, old)) | 0;
  return (s1 & 0xffff) | (s2 << 16);
}

/** Returns the sum of the window of `length` bytes without its first byte (0..255). */
export function shrinkSum(sum: number, length: number, oldByte: number): number {
  const old = (oldByte << 24) >> 24;
  const s2 = ((sum >>> 16) - Math.imul(length, old)) | 0;
  return ((sum - old) & 0xffff) | (s2 << 16);
}

/** Returns the sum of two neighbouring pieces put together; `rightLength` is the second's length. */
export function joinSums(left: number, right: number, rightLength: number): number {
  const s2 = ((left >>> 16) + Math.imul(left & 0xffff, rightLength) + (right >>> 16)) | 0;
  return ((left + right) & 0xffff) | (s2 << 16);
}
