// What lanes get of files that have come, in the form in which an end elsewhere would have sent it.

import type { ByteString } from "../../base/index.ts";
import { createDigest } from "../../hash/index.ts";
import {
  encodeContentStart,
  encodeSentFiles,
  type SentFile,
  type Slabs,
} from "../../session/index.ts";
import type { ListedEntry } from "../../source/index.ts";

/** A file's part of an answer, and the bytes that go with it. */
export interface AnsweredFile {
  readonly sent: SentFile;
  readonly bytes: Uint8Array;
}

const nothing = new Uint8Array(0);

/** Returns the answer about a file, or part of one, that is there. */
export function wholeFile(
  row: number,
  entry: ListedEntry,
  bytes: Uint8Array,
  position = 0,
): AnsweredFile {
  const { size = 0, mtime = 0, mtimeNanos = 0 } = entry;
  const state = { size, mtime, mtimeNanos, position };
  return { sent: { row, kind: "whole", ...state, length: bytes.length }, bytes };
}

/** Returns the answer about a file that the target has: `number` says as which. */
export function sameFile(row: number, number: number): AnsweredFile {
  return { sent: { row, kind: "same", number }, bytes: nothing };
}

/** Returns the answer about a file that could not be had. */
export function lostFile(row: number, operation: ByteString, errno: number): AnsweredFile {
  return { sent: { row, kind: "problem", operation, errno, message: undefined }, bytes: nothing };
}

/** Puts an answer together, in memory of `slabs`. */
export function encodeAnswer(files: readonly AnsweredFile[], slabs: Slabs): Uint8Array {
  const records = encodeSentFiles(files.map(({ sent }) => sent));
  const digest = createDigest("blake3");
  digest.update(records);
  let length = 0;
  for (const { bytes } of files) {
    digest.update(bytes);
    length += bytes.length;
  }
  const head = encodeContentStart({ digest: digest.digest(), records }, length);
  const message = slabs.take(head.length + length);
  message.set(head);
  let at = head.length;
  for (const { bytes } of files) {
    message.set(bytes, at);
    at += bytes.length;
  }
  return message;
}
