// ~/.netrc: names and passwords by host (ftp(1), as curl reads it). Macros and everything unknown are passed over.

/** A name and a password. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Returns what the text of a .netrc says for a host; undefined when it says nothing. */
export function netrcLogin(text: string, host: string): Login | undefined {
  const found = entriesOf(text).find(
    ({ machine }) => machine === undefined || machine.toLowerCase() === host.toLowerCase(),
  );
  return found?.user === undefined ? undefined : { user: found.user, password: found.password };
}

interface Entry {
  /** Undefined = for every machine ("default"). */
  readonly machine: string | undefined;
  user: string | undefined;
  password: string;
}

function entriesOf(text: string): Entry[] {
  const words = tokens(text)[Symbol.iterator]();
  const entries: Entry[] = [];
  for (const word of words) {
    const last = entries.at(-1);
    if (word === "default") entries.push({ machine: undefined, user: undefined, password: "" });
    if (!["machine", "login", "password", "account"].includes(word)) continue;
    const value: string = words.next().value ?? "";
    if (word === "machine") entries.push({ machine: value, user: undefined, password: "" });
    else if (word === "login" && last !== undefined) last.user = value;
    else if (word === "password" && last !== undefined) last.password = value;
  }
  return entries;
}

/** Words between blanks, some in quotes; lines of a macro (up to an empty one) and comments left out. */
function tokens(text: string): string[] {
  const plain = text.replace(/^[ \t]*macdef[^\n]*(?:\n[^\n]+)*/gm, "").replace(/^[ \t]*#.*$/gm, "");
  return [...plain.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, word = ""]) => quoted?.replace(/\\(.)/g, "$1") ?? word,
  );
}
