// Tells content that looks the same when it is moved along: zeros, padding, repeated records. That
// such a block stands where it stood says nothing about whether what surrounds it has moved.

/** How much of the content must come again to count as a beginning of a repetition. */
const HEAD_LENGTH = 32;
/** Beginnings that are looked into; content that has more is taken for self-similar. */
const TRIES_MAX = 16;

/**
 * Says whether bytes[start, end) may be one shorter piece again and again (the last time perhaps in part). May say so of
 * content that is not, never the reverse for pieces of at least HEAD_LENGTH bytes less than the whole.
 */
export function mayRepeatItself(bytes: Buffer, start: number, end: number): boolean {
  if (end - start <= HEAD_LENGTH) return true;
  const piece = bytes.subarray(start, end);
  const head = bytes.subarray(start, start + HEAD_LENGTH);
  let period = 0;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    period = piece.indexOf(head, period + 1);
    if (period < 0) return false;
    if (piece.compare(piece, 0, piece.length - period, period) === 0) return true;
  }
  return true;
}
