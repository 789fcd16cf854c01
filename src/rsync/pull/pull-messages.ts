// Messages that a sending end puts between the bytes of its stream.

import { fromBytes } from "../../base/index.ts";
import { tag } from "../wire/message-tags.ts";
import { brokenProtocol } from "../wire/wire-cursor.ts";
import { type PullListener, textKind } from "./pull-listener.ts";

/** Who hears of messages that concern the conversation itself. */
export interface MessageListener {
  noSend(index: number): void;
  errorExit(code: number): void;
  /** The other end must not be without word from here for longer than this. */
  timeout(seconds: number): void;
}

/** Takes a message. Throws a protocol-data error for one that is out of place. */
export function takeMessage(
  listener: PullListener,
  messageTag: number,
  payload: Uint8Array,
  { noSend, errorExit, timeout }: MessageListener,
): void {
  const kind = textKind(messageTag);
  const number = payload.length === 4 ? new DataView(payload.buffer).getInt32(0, true) : 0;
  if (kind !== undefined) listener.text(kind, fromBytes(payload));
  else if (messageTag === tag.ioError) listener.ioError(number & 7);
  else if (messageTag === tag.noSend) noSend(number);
  else if (messageTag === tag.errorExit) errorExit(number);
  else if (messageTag === tag.ioTimeout) timeout(number);
  else if (messageTag === tag.success || messageTag === tag.deleted) {
    throw brokenProtocol(`a message with tag ${messageTag} is out of place`);
  }
}
