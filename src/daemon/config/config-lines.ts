// rsyncd.conf's syntax: "[module]", "name = value", comments, continued lines, and other files taken in.
// What the names mean is parameters.ts's business.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";

/** Where something stands. */
export interface ConfigPlace {
  readonly file: ByteString;
  /** From 1. */
  readonly line: number;
}

/** One line that says something. Names have single blanks, parameters also small letters. */
export type ConfigLine =
  | { readonly kind: "section"; readonly name: ByteString; readonly at: ConfigPlace }
  | {
      readonly kind: "parameter";
      readonly name: string;
      readonly value: ByteString;
      readonly at: ConfigPlace;
    }
  /** What follows, until the matching "leave", changes no defaults outside. */
  | { readonly kind: "enter" | "leave" };

/** Reads a file; undefined = there is none. */
export type ReadFile = (path: ByteString) => ByteString | undefined;

/** Returns the names in a directory; undefined = it is none. */
export type ReadNames = (path: ByteString) => readonly ByteString[] | undefined;

/** Files that take in files that take in files... */
const depthMax = 8;

/** The error of something in a configuration. */
export function configError(at: ConfigPlace, says: string): ManifoldError {
  const message = `${toText(at.file)}, line ${at.line}: ${says}`;
  return new ManifoldError("usage", message, { data: { line: at.line } });
}

/** Where the text comes from. */
interface ConfigFiles {
  readonly read: ReadFile;
  readonly names: ReadNames;
}

/** Reads a configuration file and those that it takes in. Throws a usage error with file and line. */
export function readConfigLines(
  file: ByteString,
  read: ReadFile,
  names: ReadNames = () => undefined,
): ConfigLine[] {
  const text = read(file);
  if (text === undefined) {
    throw new ManifoldError("file-select", `There is no configuration ${toText(file)}`);
  }
  return [...linesOf(file, text, { read, names }, 0)];
}

function* linesOf(
  file: ByteString,
  text: ByteString,
  files: ConfigFiles,
  depth: number,
): Generator<ConfigLine> {
  for (const { content, line } of wholeLines(text)) {
    const at = { file, line };
    const directive = /^&(include|merge)(?:\s*=\s*|\s+)(\S.*)$/.exec(content);
    if (directive !== null) {
      const [, how = "", path = ""] = directive;
      if (depth === depthMax) throw configError(at, `files are taken in ${depthMax} deep at most`);
      for (const name of filesAt(path, how, files)) {
        const inner = files.read(name);
        if (inner === undefined) throw configError(at, `there is no file ${toText(name)}`);
        if (how === "include") yield { kind: "enter" };
        yield* linesOf(name, inner, files, depth + 1);
        if (how === "include") yield { kind: "leave" };
      }
    } else yield lineOf(content, at);
  }
}

/** A directory stands for its *.conf, or, where they are merged, its *.inc, by name. */
function filesAt(path: ByteString, how: string, { names }: ConfigFiles): ByteString[] {
  const inside = names(path);
  if (inside === undefined) return [path];
  const ending = how === "include" ? ".conf" : ".inc";
  const top = path.replace(/\/+$/, "");
  return inside
    .filter((name) => name.endsWith(ending) && !name.startsWith("."))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => `${top}/${name}`);
}

function lineOf(content: ByteString, at: ConfigPlace): ConfigLine {
  if (content.startsWith("[")) {
    const [, inside = ""] = /^\[([^\]]*)\]$/.exec(content) ?? [];
    const name = inside.trim().replace(/\s+/g, " ");
    if (name === "") throw configError(at, "a module's name stands alone between [ and ]");
    return { kind: "section", name, at };
  }
  const equals = content.indexOf("=");
  if (equals <= 0) throw configError(at, `expected "[module]" or "name = value"`);
  const name = content.slice(0, equals).trim().toLowerCase().replace(/\s+/g, " ");
  return { kind: "parameter", name, value: content.slice(equals + 1).trim(), at };
}

/** Joins continued lines and leaves out comments and empty ones. `line`: where each begins. */
function* wholeLines(text: ByteString): Generator<{ content: ByteString; line: number }> {
  let held = "";
  let start = 0;
  for (const [i, raw] of text.split("\n").entries()) {
    const isContinued = start > 0;
    if (!isContinued && raw.trimStart().startsWith("#")) continue;
    if (!isContinued) start = i + 1;
    if (raw.endsWith("\\")) {
      held += raw.slice(0, -1);
      continue;
    }
    const content = (held + raw).trim();
    if (content !== "") yield { content, line: start };
    held = "";
    start = 0;
  }
  if (held.trim() !== "") yield { content: held.trim(), line: start };
}
