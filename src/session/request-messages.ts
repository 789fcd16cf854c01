// What the target's end asks of the source's. Arrays, the kind first; bodies are for lanes and stay
// closed here.

import type { ByteString } from "../base/index.ts";
import { numbers, pack, reading, view } from "./message-fields.ts";
import { limits } from "./record-limits.ts";

/** Walk the source from its top and send every directory. Request lane. */
export interface WalkMessage {
  readonly kind: "walk";
  /** Number of the walk; directories carry it. */
  readonly walk: number;
  /** A walk before the real one, whose news nobody wants to hear twice. */
  readonly quiet: boolean;
  /** The one file gets this name on the target. */
  readonly lastName: ByteString | undefined;
  /** The one directory, which is empty, becomes the target. */
  readonly isLone: boolean;
}

/** Send content. Request lane. */
export interface FetchMessage {
  readonly kind: "fetch";
  /** The answer has the same number. */
  readonly id: number;
  readonly directory: number;
  readonly body: Uint8Array;
}

/** The target is done with these directories. Request lane. */
export interface ReleaseMessage {
  readonly kind: "release";
  readonly directories: readonly number[];
}

/** The target's end has begun with directories: so much more may come. Request lane. */
export interface TakenMessage {
  readonly kind: "taken";
  readonly directories: number;
  readonly bytes: number;
}

/** Any message of the request lane. */
export type RequestMessage = WalkMessage | FetchMessage | ReleaseMessage | TakenMessage;

const requestKinds = ["walk", "fetch", "release", "taken"] as const;

/** Returns the message's bytes. */
export function encodeRequest(message: RequestMessage): Uint8Array {
  const kind = requestKinds.indexOf(message.kind);
  switch (message.kind) {
    case "walk":
      return pack(kind, message.walk, message.quiet, message.lastName, message.isLone);
    case "fetch":
      return pack(kind, message.id, message.directory, message.body);
    case "release":
      return pack(kind, message.directories);
    case "taken":
      return pack(kind, message.directories, message.bytes);
  }
}

/** Reads a message of the request lane; a body is a view. Throws a protocol-data error. */
export function decodeRequest(bytes: Uint8Array): RequestMessage {
  return reading("request", bytes, 5, (cursor, fields): RequestMessage => {
    const kind = requestKinds[cursor.uint("kind", requestKinds.length - 1)];
    if (kind === "walk" && fields === 5) {
      return {
        kind,
        walk: cursor.uint("walk"),
        quiet: cursor.bool("quiet"),
        lastName: cursor.isNull() ? undefined : cursor.byteString("name", limits.nameBytes),
        isLone: cursor.bool("lone"),
      };
    }
    if (kind === "fetch" && fields === 4) {
      const [id, directory] = [cursor.uint("id"), cursor.uint("directory")];
      return { kind, id, directory, body: view(cursor, "wishes") };
    }
    if (kind === "release" && fields === 2) return { kind, directories: numbers(cursor) };
    if (kind === "taken" && fields === 3) {
      return { kind, directories: cursor.uint("directories"), bytes: cursor.uint("bytes") };
    }
    throw cursor.error("message", "it has not the fields of its kind");
  });
}
