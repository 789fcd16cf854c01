// One row of the flag table: the shape that parser, help, manual, completions and README share.
//
// Rows are plain data plus small functions that write Settings. They never look at other flags;
// what follows from a combination is worked out in resolve.ts.
import type { ByteString } from "../base/index.ts";
import type { Personality } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import type { Settings } from "./settings.ts";

/** Headings of the table, in the order of the help. */
export const categories = [
  "selection",
  "filters",
  "attributes",
  "links",
  "deletion",
  "transfer",
  "basis",
  "output",
  "limits",
  "remote",
  "manifold",
  "information",
] as const;

/** A heading of the table. */
export type Category = (typeof categories)[number];

/**
 * How far an option is: "done" works; "accepted" is understood and changes nothing in a copy on
 * one machine; "planned" waits for a later capability and "impossible" for another operating system:
 * both end the run with exit status 4.
 */
export type FlagStatus = "done" | "accepted" | "planned" | "impossible";

/** What a flag may know besides its value. */
export interface FlagContext {
  readonly personality: Personality;
  /** The time of the command line, milliseconds since 1970. */
  readonly now: number;
  /** Ends the reading of argv with another result than a run (help, daemon mode). */
  finish(result: Parsed): void;
  /** Says that the whole command line is a daemon's, to be read by its own table. */
  enterDaemonMode(): void;
}

/** What every row has. */
interface FlagBase {
  /** The long name, without dashes; undefined for options that have only a letter. */
  readonly name?: string;
  /** The letter. */
  readonly short?: string;
  /** Other long names with the same effect. */
  readonly aliases?: readonly string[];
  /** Long names with the opposite effect ("no-perms", "no-p"). */
  readonly negations?: readonly string[];
  readonly category: Category;
  /** One line for the help: lower case, no full stop. */
  readonly help: string;
  /** One or more paragraphs for the manual page, separated by empty lines. */
  readonly manual: string;
  readonly origin: "rsync" | "manifold";
  readonly status: FlagStatus;
  /** With "planned": the capability that it comes with. With "impossible": why it is. */
  readonly waitsFor?: string;
  /** What is used when the option is absent, for the docs. */
  readonly default?: string;
  /** The negation gets its own line in the help, with this text. */
  readonly negationHelp?: string;
  /** Not for people: left out of help, completions and the README. */
  readonly hidden?: true;
  /** Undoes the option; there whenever negations are. */
  readonly negate?: (settings: Settings, context: FlagContext) => void;
}

/** A flag without a value. */
export interface PlainFlag extends FlagBase {
  readonly takes: "nothing";
  readonly apply: (settings: Settings, context: FlagContext) => void;
}

/** A flag with a value of text. */
export interface TextFlag extends FlagBase {
  readonly takes: "text";
  /** How the help names the value: FILE, DIR, SIZE... */
  readonly placeholder: string;
  /** All values there are, for completions. */
  readonly choices?: readonly string[];
  readonly apply: (settings: Settings, value: ByteString, context: FlagContext) => void;
}

/** A flag with a whole number. */
export interface NumberFlag extends FlagBase {
  readonly takes: "number";
  readonly placeholder: string;
  readonly apply: (settings: Settings, value: number, context: FlagContext) => void;
}

/** A flag whose value may be left out; it then counts only after "=". */
export interface OptionalFlag extends FlagBase {
  readonly takes: "maybe-text";
  readonly placeholder: string;
  readonly choices?: readonly string[];
  readonly apply: (settings: Settings, value: ByteString | undefined, context: FlagContext) => void;
}

/** One row. */
export type Flag = PlainFlag | TextFlag | NumberFlag | OptionalFlag;

/** Does nothing: the apply of options that are accepted without effect. */
export function ignore(): void {
  return;
}

/** The keys of Settings whose values may be T. */
type KeyFor<T> = {
  [K in keyof Settings]: T extends Settings[K] ? K : never;
}[keyof Settings];

/** Returns a function that sets one field to a constant. */
export function set<K extends keyof Settings>(
  key: K,
  value: Settings[K],
): (settings: Settings) => void {
  return (settings) => {
    settings[key] = value;
  };
}

/** Returns a function that counts repetitions in one field. */
export function count(key: KeyFor<number> & NumberKey): (settings: Settings) => void {
  return (settings) => {
    settings[key] += 1;
  };
}

/** The keys of Settings that hold a number always. */
type NumberKey = {
  [K in keyof Settings]: Settings[K] extends number ? K : never;
}[keyof Settings];

/** Returns a function that stores the value in one field. */
export function store<T extends ByteString | number>(
  key: KeyFor<T>,
): (settings: Settings, value: T) => void {
  return (settings, value) => {
    (settings as Record<KeyFor<T>, unknown>)[key] = value;
  };
}

/** A row of rsync's that switches a boolean field on; its negations switch it off. */
export type SwitchRow = Omit<PlainFlag, "takes" | "apply" | "origin" | "status" | "negate"> & {
  readonly status?: FlagStatus;
  readonly waitsFor?: string;
};

/** The keys of Settings that hold true or false. */
type BooleanKey = {
  [K in keyof Settings]: Settings[K] extends boolean | undefined ? K : never;
}[keyof Settings];

/** Makes a row of rsync's for a boolean setting. */
export function toggle(key: BooleanKey, row: SwitchRow): PlainFlag {
  return {
    takes: "nothing",
    origin: "rsync",
    status: "done",
    ...row,
    apply: set(key, true),
    ...(row.negations === undefined ? {} : { negate: set(key, false) }),
  };
}
