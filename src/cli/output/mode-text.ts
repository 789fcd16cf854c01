// A mode as ls writes it: one letter of type, nine of permissions.

import {
  setGroupId,
  setUserId,
  sticky,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeMask,
  typeSocket,
  typeSymlink,
} from "../../tree/index.ts";

const typeLetters = new Map<number, string>([
  [typeDirectory, "d"],
  [typeSymlink, "l"],
  [typeBlock, "b"],
  [typeCharacter, "c"],
  [typeSocket, "s"],
  [typeFifo, "p"],
]);

/** Returns the ten characters of a mode, "drwxr-xr-x". */
export function modeText(mode: number): string {
  const letters = [..."rwxrwxrwx"].map((letter, i) => (mode & (0o400 >> i) ? letter : "-"));
  if (mode & setUserId) letters[2] = mode & 0o100 ? "s" : "S";
  if (mode & setGroupId) letters[5] = mode & 0o010 ? "s" : "S";
  if (mode & sticky) letters[8] = mode & 0o001 ? "t" : "T";
  return (typeLetters.get(mode & typeMask) ?? "-") + letters.join("");
}
