// What a user whose target has no room left is told.

/** Returns the words for ENOSPC and EDQUOT. */
export function fullTargetAdvice(errno: number): string {
  const reason = errno === 28 ? "no space left on the target" : "the disk quota is used up";
  return `${reason}; what was finished is in its place and nothing is lost. --delete-before makes room first`;
}
