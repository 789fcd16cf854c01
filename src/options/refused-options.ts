// "refuse options" of a server's configuration: which options its clients may not give (rsyncd.conf(5)).

import { type ByteString, ManifoldError } from "../base/index.ts";
import type { Flag } from "./flag.ts";
import type { MetFlag } from "./read-argv.ts";
import { flagTitle } from "./title.ts";

/** What reads or writes devices is never for clients. */
const always = ["copy-devices", "write-devices"];

/** Options that only a word without wildcards is about: without them clients could not say what they want. Items are asked for by a format. */
const namedOnly = [
  "dry-run",
  "from0",
  "iconv",
  "no-iconv",
  "checksum-seed",
  "out-format",
  "itemize-changes",
  "secluded-args",
];

/** What --archive stands for, by rsync's manual. */
const archived = [
  ...["archive", "a", "recursive", "dirs", "links", "perms", "times", "group", "owner", "D"],
  ...["devices", "specials"],
];

/**
 * Returns what says whether an option is refused. A word is a name, a letter, or has "*" and "?" in it; "!" in front allows
 * again; the last word that is about an option counts. "delete" stands for all options that delete, "a" and "archive" for all
 * that -a stands for, as with rsync.
 */
export function refusedOptions(words: readonly ByteString[]): (flag: Flag) => boolean {
  const tests = words.map((word) => {
    const isAllowed = word.startsWith("!");
    return {
      isAllowed,
      isWild: /[*?]/.test(word),
      matches: matcherOf(isAllowed ? word.slice(1) : word),
    };
  });
  return ({ name, short, aliases = [] }) => {
    if (name !== undefined && always.includes(name)) return true;
    const names = [name, short, ...aliases].filter((each) => each !== undefined);
    const isNamedOnly = name !== undefined && namedOnly.includes(name);
    const last = tests.findLast(
      ({ isWild, matches }) => !(isWild && isNamedOnly) && names.some(matches),
    );
    return last !== undefined && !last.isAllowed;
  };
}

/** Returns the error of an option that is refused, in rsync's words and as it was spelled. */
export function refusal({ flag, argument }: MetFlag): ManifoldError {
  const title = argument.startsWith("--") ? argument.replace(/=.*$/s, "") : flagTitle(flag);
  return new ManifoldError("unsupported", `The server is configured to refuse ${title}`);
}

function matcherOf(word: ByteString): (name: string) => boolean {
  if (word === "delete") return (name) => name === "del" || /^(?:delete|remove-s)/.test(name);
  if (word === "a" || word === "archive") return (name) => archived.includes(name);
  const quoted = word.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const form = new RegExp(`^${quoted.replaceAll("*", ".*").replaceAll("?", ".")}$`);
  return (name) => form.test(name);
}
