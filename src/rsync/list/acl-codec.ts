// Access control lists in a file list: each distinct one travels once, and is then known by its number.

import { brokenProtocol, type WireCursor, within } from "../wire/wire-cursor.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import type { WireAcl } from "./wire-entry.ts";

/** Which of an entry's two lists; they are numbered apart. */
export type AclKind = "access" | "default";

const present = { owner: 1, group: 2, mask: 4, others: 8, named: 0x10 } as const;
const singles = ["owner", "group", "mask", "others"] as const;
const namedMax = 65_536;
const nameFollows = 1;
const namesUser = 2;

/** Reads them. What was read only counts once keep() is called: an entry may have to be read again. */
export class AclDecoder {
  readonly #known: Record<AclKind, WireAcl[]> = { access: [], default: [] };
  readonly #fresh: [AclKind, WireAcl][] = [];

  /** The entry that was begun is there to its end. */
  keep(): void {
    for (const [kind, acl] of this.#fresh) this.#known[kind].push(acl);
    this.#fresh.length = 0;
  }

  read(cursor: WireCursor, kind: AclKind): WireAcl {
    // Whatever an entry without an end has left behind.
    if (kind === "access") this.#fresh.length = 0;
    const number = cursor.varint();
    if (number !== 0) {
      const acl = this.#known[kind][number - 1];
      if (acl === undefined) throw brokenProtocol("an access control list is unknown");
      return acl;
    }
    const acl = readAcl(cursor);
    this.#fresh.push([kind, acl]);
    return acl;
  }
}

function readAcl(cursor: WireCursor): WireAcl {
  const flags = cursor.byte();
  const single = (name: (typeof singles)[number]): number | undefined =>
    (flags & present[name]) === 0 ? undefined : cursor.varintWithin("permissions", 0, 7);
  const [owner, group, mask, others] = singles.map(single);
  const named: WireAcl["named"][number][] = [];
  const count =
    (flags & present.named) === 0 ? 0 : cursor.varintWithin("a count of names", 0, namedMax);
  for (let left = count; left > 0; left--) {
    const id = cursor.varint() >>> 0;
    const access = cursor.varint();
    const permissions = within("permissions", access >> 2, 0, 7);
    const name =
      (access & nameFollows) === 0 ? undefined : cursor.string("a name", cursor.byte(), 255);
    named.push({ isUser: (access & namesUser) !== 0, id, permissions, name });
  }
  return { owner, group, mask, others, named };
}

/** Writes them, each once. */
export class AclEncoder {
  readonly #known: Record<AclKind, Map<string, number>> = {
    access: new Map(),
    default: new Map(),
  };

  write(writer: WireWriter, kind: AclKind, acl: WireAcl): void {
    const known = this.#known[kind];
    const key = JSON.stringify(acl);
    const number = known.get(key);
    if (number !== undefined) {
      writer.varint(number);
      return;
    }
    known.set(key, known.size + 1);
    writer.varint(0);
    let flags = acl.named.length > 0 ? present.named : 0;
    for (const name of singles) if (acl[name] !== undefined) flags |= present[name];
    writer.byte(flags);
    for (const name of singles) {
      const permissions = acl[name];
      if (permissions !== undefined) writer.varint(permissions);
    }
    if (acl.named.length === 0) return;
    writer.varint(acl.named.length);
    for (const { isUser, id, permissions, name } of acl.named) {
      writer.varint(id);
      const about = (isUser ? namesUser : 0) | (name === undefined ? 0 : nameFollows);
      writer.varint((permissions << 2) | about);
      if (name === undefined) continue;
      writer.byte(name.length);
      writer.string(name);
    }
  }
}
