// What a module's parameters may refer to of a client (%RSYNC_USER_NAME% and the like): put in as it is, or, into commands, only
// where no shell could take it for anything but a word.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import type { Module } from "./module.ts";

/** Facts by name. */
export type ClientVariables = Readonly<Record<string, ByteString>>;

const reference = /%(RSYNC_\w+)%/g;

/** What a shell, or one that is started by it, acts on: blanks, quotes, expansions, separators, redirections, patterns. */
const shellActive = /[\s\p{Cc}'"`$\\;&|<>()*?[\]#!~{}]/u;

/** Returns a module whose parameters, but for the commands, refer to nothing any more. Throws a usage error. */
export function expandModule(module: Module, variables: ClientVariables): Module {
  const put = (text: ByteString): ByteString =>
    text.replace(reference, (whole, name: string) => variables[name] ?? whole);
  const path = module.path.replace(reference, (whole, name: string) =>
    inPath(name, variables[name] ?? whole),
  );
  return {
    ...module,
    path,
    comment: put(module.comment),
    uid: module.uid && put(module.uid),
    gids: module.gids.map(put),
    filters: module.filters.map(({ kind, text }) => ({ kind, text: put(text) })),
    tempDir: put(module.tempDir),
    rsync: Object.fromEntries(
      Object.entries(module.rsync).map(([name, value]) => [
        name,
        isCommand(name) ? value : put(value),
      ]),
    ),
  };
}

/** A client's word must not choose another directory than the one of that name. */
function inPath(name: string, value: ByteString): ByteString {
  if (!/^\.{0,2}$|\//.test(value)) return value;
  throw new ManifoldError("usage", `%${name}% is "${toText(value)}", which no path may hold`);
}

function isCommand(name: string): boolean {
  return / exec$|^name converter$/.test(name);
}

/** Returns a command with what it refers to. Throws ManifoldError ("unsupported") where a shell could act on that. */
export function expandCommand(command: ByteString, variables: ClientVariables): ByteString {
  return command.replace(reference, (whole, name: string) => {
    const value = variables[name];
    if (value === undefined) return whole;
    if (!shellActive.test(toText(value))) return value;
    const message = `refusing to run shell hook: %${name}% holds a shell metacharacter`;
    throw new ManifoldError("unsupported", message);
  });
}
