// Names of this machine's users and groups, each looked up once.

import type { ByteString } from "../../base/index.ts";
import type { Accounts, Confinement } from "../../fs/index.ts";
import { accountsOf } from "../plan/id-maps.ts";

/** Remembers names, and that there are none. */
export class IdNames {
  readonly #users = new Map<number, ByteString | undefined>();
  readonly #groups = new Map<number, ByteString | undefined>();
  readonly #confinement: Confinement | undefined;
  #accounts: Accounts | undefined;

  constructor(confinement: Confinement | undefined) {
    this.#confinement = confinement;
  }

  /** The user's name; undefined = nobody has that id. */
  user(id: number): ByteString | undefined {
    return this.#look(this.#users, id, (accounts) => accounts.userName(id));
  }

  /** The group's name; undefined = none has that id. */
  group(id: number): ByteString | undefined {
    return this.#look(this.#groups, id, (accounts) => accounts.groupName(id));
  }

  #look(
    known: Map<number, ByteString | undefined>,
    id: number,
    ask: (accounts: Accounts) => ByteString | undefined,
  ): ByteString | undefined {
    if (!known.has(id)) {
      this.#accounts ??= accountsOf(this.#confinement);
      known.set(id, ask(this.#accounts));
    }
    return known.get(id);
  }
}
