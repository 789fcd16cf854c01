// What is said when the first bytes of the other end are no hello: a shell that prints something before
// it starts the program, rsync, or anything else.

import { ManifoldError } from "../base/index.ts";

/** Bytes of a greeting that are waited for when its first line does not end, and quoted at most. */
const quotedBytesMax = 120;
/** Versions of rsync's protocol that its first four bytes may name. */
const rsyncVersions = { from: 20, to: 99 };

/**
 * Returns the error for first bytes that are no hello. Undefined when they do not tell enough yet: then the end of
 * the line is waited for, unless nothing more comes (`isAll`).
 */
export function greetingError(
  label: string,
  bytes: Uint8Array,
  isAll: boolean,
): ManifoldError | undefined {
  const all = Buffer.from(bytes).toString("latin1");
  // A message of the day may well begin with empty lines.
  const text = all.replace(/^\s+/, "");
  if (text.startsWith("@RSYNCD:")) return refuse(label, "an rsync daemon answers there");
  if (isRsyncVersion(bytes)) return refuse(label, "rsync answers there, in its own protocol");
  const lineEnd = text.search(/[\r\n]/);
  if (lineEnd < 0 && all.length < quotedBytesMax && !isAll) return undefined;
  const line = text.slice(0, lineEnd < 0 ? quotedBytesMax : Math.min(lineEnd, quotedBytesMax));
  const words = `the first bytes that came are no greeting of manifold but ${quote(line)}; a shell there must not print anything when it is not interactive`;
  return refuse(label, words);
}

/**
 * Returns the error for a channel that has ended before the conversation did. `error` is what the channel was closed with,
 * if it says more than that it was.
 */
export function endedEarly(
  label: string,
  error: ManifoldError | undefined,
  isGreeted: boolean,
): ManifoldError {
  const when = isGreeted ? "in the middle of the conversation" : "before any greeting came";
  if (error === undefined) {
    return new ManifoldError("connection-lost", `${label}: the connection ended ${when}`);
  }
  const { code, message, data } = error;
  if (code === "remote-missing" || code === "remote-start") return error;
  // The remote shell has said why; what it could not do once it cannot do for us.
  const hint =
    code === "remote-failed" && !isGreeted
      ? ": it says itself why; it must be able to run a command there, such as true"
      : "";
  return new ManifoldError(code, `${message} ${when}${hint}`, { cause: error, data: { ...data } });
}

function isRsyncVersion(bytes: Uint8Array): boolean {
  const [version = 0, ...zeros] = bytes.subarray(0, 4);
  const { from, to } = rsyncVersions;
  return (
    zeros.length === 3 && zeros.every((byte) => byte === 0) && version >= from && version <= to
  );
}

/** In quotation marks, with what is not printable ASCII as rsync writes it: \#ooo. */
function quote(line: string): string {
  const escaped = line.replaceAll(
    /[^ -~]/g,
    (byte) => `\\#${byte.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
  return `"${escaped}"`;
}

function refuse(label: string, words: string): ManifoldError {
  return new ManifoldError("not-manifold", `${label}: ${words}`);
}
