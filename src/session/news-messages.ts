// What a run tells the client when its target's end is elsewhere.

import { counterNames, type ProgressEvent } from "../tree/index.ts";
import {
  decodeControl,
  type EndedMessage,
  encodeControl,
  type FailedMessage,
} from "./control-messages.ts";
import { decodeEvents, encodeEvents } from "./event-record.ts";
import { put, reading, view, writer } from "./message-fields.ts";

/** What the client is told. News lane. */
export interface NewsMessage {
  readonly events: readonly ProgressEvent[];
  /** By counterNames; empty = as before. */
  readonly counters: readonly number[];
  readonly scanComplete: boolean;
  /** How the run ended, when nothing comes after this; it must not overtake what came before. */
  readonly end: EndedMessage | FailedMessage | undefined;
}

/** Returns the message's bytes. */
export function encodeNews({ events, counters, scanComplete, end }: NewsMessage): Uint8Array {
  const last = end && encodeControl(end);
  writer.clear();
  writer.array(4);
  encodeEvents(writer, events);
  put(counters);
  writer.bool(scanComplete);
  put(last);
  return writer.written.slice();
}

/** Reads a message of the news lane. Throws a protocol-data error. */
export function decodeNews(bytes: Uint8Array): NewsMessage {
  return reading("news", bytes, 4, (cursor) => {
    const events = decodeEvents(cursor);
    const counters: number[] = [];
    for (let left = cursor.array("counters", counterNames.length); left > 0; left--) {
      counters.push(cursor.uint("counter"));
    }
    const scanComplete = cursor.bool("scan complete");
    const end = cursor.isNull() ? undefined : decodeControl(view(cursor, "end"));
    if (end !== undefined && end.kind !== "ended" && end.kind !== "failed") {
      throw cursor.error("end", "it is no end");
    }
    return { events, counters, scanComplete, end };
  });
}

/** Returns the answer to a removal: what was met. */
export function encodeRemoved(events: readonly ProgressEvent[]): Uint8Array {
  writer.clear();
  writer.array(1);
  encodeEvents(writer, events);
  return writer.written.slice();
}

/** Reads such an answer. Throws a protocol-data error. */
export function decodeRemoved(bytes: Uint8Array): ProgressEvent[] {
  return reading("answer to a removal", bytes, 1, (cursor) => decodeEvents(cursor));
}
