// How an end says that the run has failed.

import { type ByteString, ManifoldError, toBytes } from "../../base/index.ts";
import type { FrameSender } from "./frame-sender.ts";
import { tag } from "./message-tags.ts";

/** The least protocol in which an end says with what status it goes. */
const tellsExit = 31;
const textBytesMax = 5000;

/** Says it: a text, and, where that can be said, the exit status; then `said` is called. */
export function sayFailure(
  frames: FrameSender,
  text: ByteString,
  exit: number,
  protocol: number,
  said: () => void,
): void {
  const bytes = toBytes(text.slice(0, textBytesMax));
  if (protocol < tellsExit) {
    frames.message(tag.error, bytes, said);
    return;
  }
  frames.message(tag.error, bytes);
  const payload = new Uint8Array(4);
  payload[0] = exit;
  frames.message(tag.errorExit, payload, said);
}

/** Returns the error for a conversation that ends in its middle. */
export function endedEarly(label: string): ManifoldError {
  return new ManifoldError("connection-lost", `${label}: rsync ended the conversation too early`);
}

/** Returns the error for an other end that has given up. */
export function gaveUp(label: string, code: number): ManifoldError {
  const message = `${label}: rsync ended the run with exit status ${code}`;
  return new ManifoldError("connection-lost", message, { data: { code } });
}
