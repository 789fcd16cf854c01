// How argv is split into flags, values and the rest: the conventions of rsync's option library.
//
// Long flags start with two dashes and take a value after "=" or from the next argument. Letters
// may be joined (-avz); the first that takes a value takes the rest of the argument (one "=" in
// front of it is dropped) or else the next argument, whatever that looks like. Names are never
// abbreviated. "--" ends the flags; "-" is an ordinary argument. Flags may stand after other
// arguments unless the environment asks for POSIX order.
import { type ByteString, ManifoldError } from "../base/index.ts";
import type { Flag } from "./flag.ts";
import { parseInteger } from "./values/integer.ts";

/** A flag as one of its names calls it. */
export interface NamedFlag {
  readonly flag: Flag;
  readonly negated: boolean;
}

/** Every name and letter of a table. */
export interface FlagIndex {
  readonly long: ReadonlyMap<string, NamedFlag>;
  readonly short: ReadonlyMap<string, NamedFlag>;
}

/** Returns the index of a table. The table's test makes sure that no name is there twice. */
export function indexFlags(table: readonly Flag[]): FlagIndex {
  const long = new Map<string, NamedFlag>();
  const short = new Map<string, NamedFlag>();
  for (const flag of table) {
    for (const name of longNames(flag)) long.set(name, { flag, negated: false });
    for (const name of flag.negations ?? []) long.set(name, { flag, negated: true });
    if (flag.short !== undefined) short.set(flag.short, { flag, negated: false });
  }
  return { long, short };
}

/** Returns a flag's long name and aliases, without negations. */
export function longNames(flag: Flag): readonly string[] {
  return [...(flag.name === undefined ? [] : [flag.name]), ...(flag.aliases ?? [])];
}

/** One flag as it was met; `number` is its value's meaning where the flag takes a number. */
export interface MetFlag extends NamedFlag {
  readonly value: ByteString | undefined;
  readonly number: number;
  /** The argument it was found in, for messages. */
  readonly argument: ByteString;
}

/** How to read. */
export interface ReadRules {
  readonly index: FlagIndex;
  /** The first ordinary argument ends the flags. */
  readonly posixOrder: boolean;
  /** Called for each flag in order; returning "stop" ends the reading. */
  readonly visit: (met: MetFlag) => "stop" | undefined;
}

/** Reads argv; returns the ordinary arguments in order. Throws usage errors in rsync's words. */
export function readArgv(argv: readonly ByteString[], rules: ReadRules): ByteString[] {
  const rest: ByteString[] = [];
  const pending = [...argv].reverse();
  for (let argument = pending.pop(); argument !== undefined; argument = pending.pop()) {
    if (argument === "--") return rest.concat(pending.reverse());
    if (!argument.startsWith("-") || argument === "-") {
      rest.push(argument);
      if (rules.posixOrder) return rest.concat(pending.reverse());
      continue;
    }
    const read = argument.startsWith("--") ? readLong : readLetters;
    if (read(argument, pending, rules) === "stop") return rest;
  }
  return rest;
}

function readLong(
  argument: ByteString,
  pending: ByteString[],
  { index, visit }: ReadRules,
): "stop" | undefined {
  const equals = argument.indexOf("=");
  const name = argument.slice(2, equals < 0 ? undefined : equals);
  const named = index.long.get(name);
  if (named === undefined) throw usage(argument, "unknown option");
  const joined = equals < 0 ? undefined : argument.slice(equals + 1);
  return visit(meet(named, { argument, joined, pending }));
}

function readLetters(
  argument: ByteString,
  pending: ByteString[],
  { index, visit }: ReadRules,
): "stop" | undefined {
  for (let at = 1; at < argument.length; at++) {
    const named = index.short.get(argument.charAt(at));
    if (named === undefined) throw usage(argument, "unknown option");
    const tail = argument.slice(at + 1);
    const takesRest = named.flag.takes !== "nothing" || tail.startsWith("=");
    const joined = tail === "" || !takesRest ? undefined : tail.replace(/^=/, "");
    if (visit(meet(named, { argument, joined, pending })) === "stop") return "stop";
    if (takesRest) return undefined;
  }
  return undefined;
}

/** Finds the flag's value, in its own argument or the next one. */
function meet(
  { flag, negated }: NamedFlag,
  found: {
    readonly argument: ByteString;
    readonly joined: ByteString | undefined;
    readonly pending: ByteString[];
  },
): MetFlag {
  const { argument, joined, pending } = found;
  const met = { flag, negated, argument, number: 0 };
  if (negated || flag.takes === "nothing") {
    if (joined !== undefined) throw usage(argument, "option does not take an argument");
    return { ...met, value: undefined };
  }
  if (flag.takes === "maybe-text") return { ...met, value: joined };
  const value = joined ?? pending.pop();
  if (value === undefined) throw usage(argument, "missing argument");
  if (flag.takes === "text") return { ...met, value };
  const number = parseInteger(value);
  if (typeof number === "string") throw usage(joined === undefined ? value : argument, number);
  return { ...met, value, number };
}

function usage(argument: ByteString, fault: string): ManifoldError {
  return new ManifoldError("usage", `${argument}: ${fault}`);
}
