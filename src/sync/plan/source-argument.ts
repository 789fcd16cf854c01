// Takes one source argument or one line of a file list apart: where its path starts, which part of
// it also stands below the target, and whether the thing itself or what it holds is meant. Pure
// text work (rsync(1), --relative, --files-from, and the trailing slash of USAGE).

import { type ByteString, joinPath, ManifoldError, toText } from "../../base/index.ts";

/** What one argument names. */
export interface SourceArgument {
  /** The directory that the rest lies in, as written; "." is the working directory. */
  readonly base: ByteString;
  /** Components below the base, each of which stands below the target too; none = the contents of the base. */
  readonly path: readonly ByteString[];
  /** Written with a slash at the end: a symlink to a directory counts as that directory, and its contents go too. */
  readonly slash: boolean;
  /** Written "./PATH" under --relative: the attributes of the base travel too. */
  readonly dot: boolean;
}

/** Reads an argument without --relative: only its last component stands below the target. */
export function plainArgument(written: ByteString): SourceArgument {
  const last = written.slice(written.lastIndexOf("/") + 1);
  const contents = last === "" || last === "." || last === "..";
  const path = contents && last !== ".." ? written.slice(0, written.length - last.length) : written;
  const base = withoutDots(contents ? path : written.slice(0, written.length - last.length));
  return { base, path: contents ? [] : [last], slash: contents, dot: false };
}

/**
 * Reads an argument under --relative: the whole path stands below the target, or what follows the first "/./".
 * Throws when that part has a "..", which would leave the target.
 */
export function relativeArgument(written: ByteString): SourceArgument {
  const cut = written.indexOf("/./");
  const rest = cut < 0 ? written : written.slice(cut + 3).replace(/^\/+/, "");
  const base = cut >= 0 ? withoutDots(written.slice(0, cut + 1)) : rest.startsWith("/") ? "/" : ".";
  const path = rest.split("/").filter((component) => component !== "" && component !== ".");
  if (path.includes("..")) {
    throw new ManifoldError("usage", `found ".." dir in relative path: ${toText(rest)}`, {
      data: { path: toText(written) },
    });
  }
  const slash = path.length === 0 || rest.endsWith("/") || rest.endsWith("/.");
  return { base, path, slash, dot: rest.length > 2 && rest.startsWith("./") && path.length > 0 };
}

/**
 * Returns the path that a line of a file list means below the source directory: without slashes in front, and
 * with every ".." taking back what is before it but never more than there is. Keeps "/./" for --relative.
 */
export function clampLine(line: ByteString, relative: boolean): ByteString {
  if (!/(^|\/)\.{0,2}(\/|$)/.test(line)) return line;
  const components: ByteString[] = [];
  let isOpen = true;
  for (const component of line.split("/")) {
    isOpen = component === "" || component === ".." || (component === "." && !relative);
    if (component === "..") components.pop();
    else if (!isOpen) components.push(component);
  }
  if (components.length === 0) return ".";
  return isOpen ? `${components.join("/")}/` : components.join("/");
}

/** Returns the same argument meant below the directory `directory`, which the operator wrote. */
export function below(directory: ByteString, argument: SourceArgument): SourceArgument {
  const { base } = argument;
  if (base === ".") return { ...argument, base: directory };
  return { ...argument, base: joinPath(directory === "/" ? "" : directory, base) };
}

/** Returns a directory's path without components that lead nowhere. */
function withoutDots(written: ByteString): ByteString {
  if (!/(^|\/)\.?(\/|$)/.test(written)) return directoryOf(written);
  const components = written.split("/").filter((part) => part !== "" && part !== ".");
  const path = components.join("/");
  return written.startsWith("/") ? `/${path}` : path || ".";
}

/** Returns a directory's path without the slashes at its end; "" is the working directory. */
export function directoryOf(written: ByteString): ByteString {
  let end = written.length;
  while (end > 1 && written.charCodeAt(end - 1) === 0x2f) end--;
  return end === 0 ? "." : written.slice(0, end);
}
