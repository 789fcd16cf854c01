// The levels of --info and --debug: what their lists say, and what -v, --stats and --progress add.
//
// A level that the user named always wins over one that another option implies, wherever it stands
// on the command line. Words and levels are rsync's.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { leadingInteger } from "./integer.ts";
import { type DebugFlag, debugFlags, type InfoFlag, infoFlags } from "./output-flags.ts";

/** The highest level that a word can have. */
export const maxOutputLevel = 4;

/** What each -v adds to --info; the first entry holds without any. */
export const infoByVerbosity: readonly string[] = [
  "nonreg",
  "copy,del,flist,misc,name,stats,symsafe",
  "backup,misc2,mount,name2,remove,skip",
];

/** What each -v adds to --debug. */
export const debugByVerbosity: readonly string[] = [
  "",
  "",
  "bind,cmd,connect,del,deltasum,dup,filter,flist,iconv",
  "acl,backup,connect2,deltasum2,del2,exit,filter2,flist2,fuzzy,genr,own,recv,send,time",
  "cmd2,deltasum3,del3,exit2,flist3,iconv2,own2,proto,time2",
  "chdir,deltasum4,flist4,fuzzy2,hash,hlink",
];

/** Where readOutputWords() writes. */
export interface OutputWords<Name extends string> {
  readonly names: readonly Name[];
  readonly levels: Map<Name, number>;
}

/**
 * Reads a list such as "name2,stats,del0" into the map; the last word on a name counts.
 *
 * Returns "help" as soon as that word comes; throws a usage error for a word that does not exist.
 */
export function readOutputWords<Name extends string>(
  option: "info" | "debug",
  list: ByteString,
  { names, levels }: OutputWords<Name>,
): "help" | undefined {
  for (const item of list.split(",")) {
    if (item === "") continue;
    const { word, level } = splitItem(item);
    const lower = word.toLowerCase();
    if (lower === "help") return "help";
    const every = lower === "all" || lower === "none";
    const named = every ? names : names.filter((known) => known === lower);
    if (named.length === 0) {
      throw new ManifoldError("usage", `Unknown --${option} item: "${word}"`);
    }
    for (const name of named) levels.set(name, lower === "none" ? 0 : level);
  }
  return undefined;
}

/** Takes the level off the end of an item; one that starts with a digit is all word. */
function splitItem(item: ByteString): { readonly word: ByteString; readonly level: number } {
  const word = /^\d/.test(item) ? item : item.replace(/\d+$/, "");
  if (word === item) return { word, level: 1 };
  return { word, level: Math.min(leadingInteger(item.slice(word.length)), maxOutputLevel) };
}

/** What raises levels besides --info and --debug themselves. */
export interface ImpliedLevels {
  readonly verbose: number;
  readonly stats: boolean;
  /** --progress: "with-names" where nothing else prints names beforehand. */
  readonly progress: "no" | "yes" | "with-names";
}

/** Returns the level of every --info word: implied ones, overridden by the user's. */
export function infoLevels(
  user: ReadonlyMap<InfoFlag, number>,
  implied: ImpliedLevels,
): Record<InfoFlag, number> {
  const levels = new Map<InfoFlag, number>();
  const words = { names: infoFlags, levels };
  for (const list of infoByVerbosity.slice(0, implied.verbose + 1)) {
    readOutputWords("info", list, words);
  }
  if (implied.stats) readOutputWords("info", implied.verbose > 1 ? "stats3" : "stats2", words);
  const nameLevel = user.get("name") ?? levels.get("name") ?? 0;
  if (implied.progress === "with-names" && nameLevel === 0) {
    readOutputWords("info", "name", words);
  }
  if (implied.progress !== "no") readOutputWords("info", "flist2,progress", words);
  return complete(infoFlags, levels, user);
}

/** Returns the level of every --debug word: those of -v, overridden by the user's. */
export function debugLevels(
  user: ReadonlyMap<DebugFlag, number>,
  verbose: number,
): Record<DebugFlag, number> {
  const levels = new Map<DebugFlag, number>();
  for (const list of debugByVerbosity.slice(0, verbose + 1)) {
    readOutputWords("debug", list, { names: debugFlags, levels });
  }
  return complete(debugFlags, levels, user);
}

function complete<Name extends string>(
  names: readonly Name[],
  implied: ReadonlyMap<Name, number>,
  user: ReadonlyMap<Name, number>,
): Record<Name, number> {
  const entries = names.map((name) => [name, user.get(name) ?? implied.get(name) ?? 0] as const);
  return Object.fromEntries(entries) as Record<Name, number>;
}
