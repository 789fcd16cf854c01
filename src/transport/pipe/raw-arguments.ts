// Arguments that are not UTF-8. Node encodes every argument of a child process as UTF-8, so bytes that
// are none cannot be given to it (docs/decisions/0029). Then, and only then, a constant shell script
// gets each argument as octal digits and backslashes, which mean nothing to a shell, and turns itself
// into the program.

import { type ByteString, fromText, toText } from "../../base/index.ts";

/**
 * Replaces each word by what its octal digits spell, then becomes the program. The dot keeps the newlines at the end
 * that $(...) drops; it is no second byte of a character in any encoding that a shell may be using.
 */
const script = `for manifold_word do
  shift
  manifold_word=$(printf '%b.' "$manifold_word")
  set -- "$@" "\${manifold_word%.}"
done
exec "$@"`;

/** Returns the text whose UTF-8 form the kernel is to get, or a way round when there is none for some word. */
export function spawnableWords(argv: readonly ByteString[]): string[] {
  const words = argv.map(toText);
  if (words.every((word, i) => fromText(word) === argv[i])) return words;
  return ["/bin/sh", "-c", script, "sh", ...argv.map(octal)];
}

/** What underUmask() exits with when there is no such program; our agent and ssh's own statuses are others. */
export const statusNoProgram = 97;

/**
 * Returns the words that start the program under this umask. A process has one umask for all of its threads, and lanes
 * rely on having none, so that ours cannot be put on for the moment of the start: a shell of the program's own does it.
 */
export function underUmask(words: readonly string[], umask: number): string[] {
  const isThere = `command -v "$1" >/dev/null || exit ${statusNoProgram}`;
  const script = `${isThere}\numask ${umask.toString(8).padStart(4, "0")}\nexec "$@"`;
  return ["/bin/sh", "-c", script, "sh", ...words];
}

function octal(bytes: ByteString): string {
  let digits = "";
  for (let i = 0; i < bytes.length; i++) {
    digits += `\\0${bytes.charCodeAt(i).toString(8).padStart(3, "0")}`;
  }
  return digits;
}
