// The names of owners and groups behind a file list that comes as one.

import type { ByteString } from "../../base/index.ts";
import type { WireCursor } from "../wire/wire-cursor.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

/** Names by id. */
export type IdNames = ReadonlyMap<number, ByteString>;

/** Reads names until their end, one a call. */
export class IdListReader {
  readonly names = new Map<number, ByteString>();
  readonly #rootNames: boolean;

  /** `rootNames`: the name of id 0 stands at the end. */
  constructor(rootNames: boolean) {
    this.#rootNames = rootNames;
  }

  /** Says whether there are more. */
  read(cursor: WireCursor): boolean {
    const id = cursor.varint() >>> 0;
    if (id === 0 && !this.#rootNames) return false;
    const name = cursor.string("a name", cursor.byte(), 255);
    if (name !== "") this.names.set(id, name);
    return id !== 0;
  }
}

/** Writes names and their end. */
export function encodeIdList(writer: WireWriter, names: IdNames, rootNames: boolean): void {
  const write = (id: number, name: ByteString): void => {
    writer.varint(id);
    writer.byte(name.length);
    writer.string(name);
  };
  for (const [id, name] of names) if (id !== 0) write(id, name);
  if (rootNames) write(0, names.get(0) ?? "");
  else writer.varint(0);
}
