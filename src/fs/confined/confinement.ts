// What a door may be confined to. Plain data: it travels to other threads.

import type { ByteString } from "../../base/index.ts";
import type { FilterRuleSet } from "../../tree/index.ts";
import type { NameConverter } from "../accounts-converter.ts";

/** The part of the machine that somebody may reach. */
export interface Confinement {
  /** The directory that is "/" from now on. */
  readonly root: ByteString;
  /** Nothing can be changed. */
  readonly readOnly: boolean;
  /** Symbolic links are stored so that nobody can follow them. */
  readonly munge: boolean;
  /** What they hide does not exist and cannot be made; undefined = nothing is hidden. Paths begin at the root. */
  readonly rules: FilterRuleSet | undefined;
  /** Rules are about the names by which something is reached, as in rsync's daemon; otherwise about the places where it lies. */
  readonly hidesByName?: boolean;
  /** Symbolic links that stand here are followed wherever they lead: the operator says so. */
  readonly followsOut?: boolean;
  /** Who knows names of users and groups; undefined = this machine. */
  readonly names?: NameConverter | undefined;
}
