// Part of a file by SFTP: many reads under way at the same time, in order, and a look at the file before and after.

import { type ByteString, baseName, toText } from "../../base/index.ts";
import { onAbort } from "../../transport/index.ts";
import { isRegular } from "../../tree/index.ts";
import type { SourceFile, SourcePart } from "../source.ts";
import { SourceError } from "../source-error.ts";
import type { SftpAttributes } from "./packet-cursor.ts";
import type { SftpSession } from "./session.ts";

/** Bytes under way of one file: what ssh lets be under way on a channel. */
const windowBytes = 2 * 1024 * 1024;

/** What is read, for whom. */
export interface Reading {
  readonly file: SourceFile;
  readonly part: SourcePart;
  readonly signal: AbortSignal;
}

/** Reads a part, as Source.read says. */
export async function* readWindow(
  session: SftpSession,
  path: ByteString,
  { file, part, signal }: Reading,
): AsyncIterable<Uint8Array> {
  const handle = await during(signal, session.open(path));
  try {
    const end = part.offset + part.length;
    const ahead: Promise<Uint8Array>[] = [];
    let asked = part.offset;
    const before = session.fstat(handle);
    before.catch(() => undefined);
    const fill = (): void => {
      while (asked < end && ahead.length * session.readBytes < windowBytes) {
        const length = Math.min(session.readBytes, end - asked);
        const reading = session.read(handle, asked, length);
        reading.catch(() => undefined);
        ahead.push(reading);
        asked += length;
      }
    };
    fill();
    check(await during(signal, before), file);
    for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
      const bytes = await during(signal, next);
      fill();
      // The last bytes come with the proof that the file is still the same.
      if (ahead.length === 0) check(await during(signal, session.fstat(handle)), file);
      yield bytes;
    }
  } finally {
    session.closeHandle(handle);
  }
}

function check({ size, mtime, mode }: SftpAttributes, { entry, path }: SourceFile): void {
  if (mode !== undefined && !isRegular(mode))
    throw new SourceError(
      "changed",
      `${JSON.stringify(toText(baseName(path)))} is no file any more`,
    );
  if (size !== undefined && entry.size !== undefined && size !== entry.size) {
    throw new SourceError("changed", `A file has ${size} bytes, ${entry.size} were listed`);
  }
  if (mtime === undefined || entry.mtime === undefined) return;
  const listed = entry.mtime + (entry.mtimeNanos ?? 0) / 1e9;
  if (Math.abs(mtime - listed) > 1 + (entry.mtimeSlack ?? 0)) {
    throw new SourceError("changed", "A file is of another time than was listed");
  }
}

/** Waits, but no longer than the signal lets. */
export function during<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(forget);
  });
}
