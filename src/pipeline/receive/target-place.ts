// One target directory while entries are applied to it, and what it gives to those made in it.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle } from "../../fs/index.ts";
import type { Acl } from "../../tree/index.ts";

/** The gifts of one directory. */
export interface Inheritance {
  /** The group of new entries. */
  readonly gid: number;
  /** New directories get the set-group-id bit, too. */
  readonly setGroupId: boolean;
  readonly defaultAcl: Acl | undefined;
}

/** One target directory while entries are applied to it. */
export interface TargetPlace {
  readonly dir: DirHandle;
  /** Path in the transfer; messages add the target's label. */
  readonly path: ByteString;
  /** It lies in staging until it is filled: entries are made under their own names, for nobody sees them. */
  readonly isApart?: boolean;
  /** What new entries get from it; looked up by the first that is made. */
  gives?: Inheritance;
}
