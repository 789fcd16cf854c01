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
  const text = Buffer.from(bytes).toString("latin1");
  if (text.startsWith("@RSYNCD:")) return refuse(label, "an rsync daemon answers there");
  if (isRsyncVersion(bytes)) return refuse(label, "rsync answers there, in its own protocol");
  const lineEnd = text.search(/[\r\n]/);
  if (lineEnd < 0 && text.length < quotedBytesMax && !isAll) return undefined;
  const line = text.slice(0, lineEnd < 0 ? quotedBytesMax : Math.min(lineEnd, quotedBytesMax));
  const words = `the first bytes that came are no greeting of manifold but ${quote(line)}; a shell there must not print anything when it is not interactive`;
  return refuse(label, words);
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
