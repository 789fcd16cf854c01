// What the source's end sends: directories, and content that was asked for. Bodies are for lanes and stay
// closed here.

import type { ProgressEvent } from "../tree/index.ts";
import { decodeEvents, encodeEvents } from "./event-record.ts";
import { pack, reading, view, writer } from "./message-fields.ts";

/** A directory of the source, or the end of the walk. Listing lane. */
export type ListingMessage =
  | {
      readonly kind: "directory";
      readonly walk: number;
      /** Its number; the top is its own parent. */
      readonly directory: number;
      readonly parent: number;
      /** Which of the parent's subdirectories it is. */
      readonly index: number;
      /** Number of a message of content that comes without having been asked for; undefined = none does. */
      readonly ahead: number | undefined;
      readonly body: Uint8Array;
    }
  /**
   * `events`: what was met besides what the directories tell. `lineRate`: bytes a second that the line took when it was last what
   * everything waited for; 0 = it has not been.
   */
  | {
      readonly kind: "walked";
      readonly walk: number;
      readonly events: readonly ProgressEvent[];
      readonly lineRate: number;
    }
  /** There is nothing inside of a subdirectory: no listing of it comes. */
  | {
      readonly kind: "closed";
      readonly walk: number;
      readonly parent: number;
      readonly index: number;
    };

/** The answer to a fetch. Content lane. */
export interface ContentMessage {
  readonly id: number;
  readonly body: Uint8Array;
}

/** Returns what stands before the body of a directory, or the whole message of a walk's end. */
export function encodeListing(
  message:
    | {
        kind: "directory";
        walk: number;
        directory: number;
        parent: number;
        index: number;
        ahead?: number | undefined;
        bodyBytes: number;
      }
    | { kind: "walked"; walk: number; events: readonly ProgressEvent[]; lineRate: number }
    | { kind: "closed"; walk: number; parent: number; index: number },
): Uint8Array {
  if (message.kind === "walked") {
    writer.clear();
    writer.array(4);
    writer.int(1);
    writer.int(message.walk);
    encodeEvents(writer, message.events);
    writer.int(message.lineRate);
    return writer.written.slice();
  }
  if (message.kind === "closed") return pack(2, message.walk, message.parent, message.index);
  const { walk, directory, parent, index, ahead, bodyBytes } = message;
  writer.clear();
  writer.array(ahead === undefined ? 6 : 7);
  for (const value of [0, walk, directory, parent, index]) writer.int(value);
  if (ahead !== undefined) writer.int(ahead);
  writer.bytesHead(bodyBytes);
  return writer.written.slice();
}

/** Reads a message of the listing lane; a body is a view. Throws a protocol-data error. */
export function decodeListing(bytes: Uint8Array): ListingMessage {
  return reading("listing", bytes, 7, (cursor, fields): ListingMessage => {
    const kind = cursor.uint("kind", 2);
    const walk = cursor.uint("walk");
    if (kind === 2 && fields === 4) {
      return { kind: "closed", walk, parent: cursor.uint("parent"), index: cursor.uint("index") };
    }
    if (kind === 1 && fields === 4) {
      const events = decodeEvents(cursor);
      return { kind: "walked", walk, events, lineRate: cursor.uint("rate of the line") };
    }
    if (kind !== 0 || fields < 6) throw cursor.error("message", "it has not its fields");
    const directory = cursor.uint("directory");
    const parent = cursor.uint("parent");
    const index = cursor.uint("index");
    const ahead = fields === 7 ? cursor.uint("ahead", 0xffff_ffff) : undefined;
    return { kind: "directory", walk, directory, parent, index, ahead, body: view(cursor, "body") };
  });
}

/** Returns what stands before the body of content. */
export function encodeContentHead(id: number, bodyBytes: number): Uint8Array {
  writer.clear();
  writer.array(2);
  writer.int(id);
  writer.bytesHead(bodyBytes);
  return writer.written.slice();
}

/** Reads a message of the content lane; the body is a view. Throws a protocol-data error. */
export function decodeContent(bytes: Uint8Array): ContentMessage {
  return reading("content", bytes, 2, (cursor) => {
    return { id: cursor.uint("id"), body: view(cursor, "content") };
  });
}
