// What every lane is told at its start: plain values only, since a lane may be another thread.

import type { ByteString } from "../../base/index.ts";
import type { SharedDigests } from "../../cache/index.ts";
import type { Confinement, OperatorLinks } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { Checksums, Packing } from "../../rsync/index.ts";
import type { FilterRuleSet } from "../../tree/index.ts";
import type { AskedPaths } from "./asked-paths.ts";
import type { IdMaps } from "./id-maps.ts";

/** Which directory a target is, by device and inode as the columns of a listing have them. */
export interface DirectoryIdentity {
  readonly devMajor: number;
  readonly devMinor: number;
  readonly inoHigh: number;
  readonly inoLow: number;
}

/** A source root by name. Each lane pins it for itself and checks that it is the same directory. */
export interface RootSetting {
  readonly path: ByteString;
  /** How messages name it: what the user wrote, with a slash at the end unless empty. */
  readonly label: ByteString;
  /** Its contents stand in the target's top; false = entries of it are named. */
  readonly poured?: boolean;
}

/** Digests that are known from earlier runs. */
export interface DigestSettings {
  /** By source root. */
  readonly sources: readonly (SharedDigests | undefined)[];
  readonly target: SharedDigests | undefined;
}

/** Slots of the control memory, an Int32Array that all lanes share. */
export const control = {
  /** Not 0: stop at the next entry. */
  cancelled: 0,
  /** Deletions left under --max-delete. */
  deletionsLeft: 1,
  /** Not 0: some source directory could not be listed whole (promise P6). */
  sourceIncomplete: 2,
  /** Not 0: something was written into a staging directory. */
  staged: 3,
  /** Deletions that --max-delete refused. */
  deletionsSkipped: 4,
  /** Not 0: it has been told that errors stop deletions. */
  stopTold: 5,
  /** Not 0: attributes were set on a file of the target that has several names. */
  linkedTarget: 6,
  /** Not 0: it has been told that the target's door makes no pipes, sockets and devices. */
  nodesTold: 7,
  /** Not 0: surveys leave what is to be applied to others, so that totals are known early. */
  scanAhead: 8,
  /** Number of the next directory that is sent to another machine. */
  nextDirectory: 9,
} as const;

/** Number of slots. */
export const controlSlots = Object.keys(control).length;

/** What the other end of a pull was asked for. */
export interface AskedFor {
  /** Undefined = nobody here knows. */
  readonly paths: AskedPaths | undefined;
  /** How the one entry is called on the target: by a name of its own, or it is the target itself. */
  readonly lastName: ByteString | undefined;
  readonly isLone: boolean;
}

/** The setup of one lane. */
export interface LaneSettings {
  readonly lane: number;
  readonly options: Options;
  readonly sources: readonly RootSetting[];
  /** The target's root; undefined when only listing. Missing directories in a dry run are absent targets. */
  readonly target: RootSetting | undefined;
  /** Name of this run's staging directory below DEST/.manifold; undefined = rsync's temporary names. */
  readonly job: ByteString | undefined;
  /** Which end of the run is on another machine; undefined = none. */
  readonly far?: "source" | "target";
  /** Content of small files comes with their directories. The target's end. */
  readonly takesAhead?: boolean | undefined;
  /** The source's end is one of ours: it compares what it has with blocks that it is told of. */
  readonly farMatches?: boolean;
  /** The other end speaks rsync's protocol, with these checksums. */
  readonly farSums?: Checksums | undefined;
  /** How literals that go there are compressed; undefined = they are not. */
  readonly farPacking?: Packing | undefined;
  /** What comes from there is held against this; undefined = it is trusted. */
  readonly asked?: AskedFor | undefined;
  /** Earlier runs left unfinished files below DEST/.manifold. */
  readonly hasPartials: boolean;
  /** Whoever runs this lane takes files that wait for their names, also those of --durable=batch. */
  readonly namesInBatches?: boolean;
  /** Which directory the target is; undefined = none yet, or no matter. */
  readonly targetIdentity: DirectoryIdentity | undefined;
  /** Directories below the target that the source is read from: they stay. */
  readonly sourcesInside: readonly DirectoryIdentity[];
  /** The target's root was made by this run. */
  readonly madeRoot: boolean;
  readonly umask: number;
  readonly euid: number;
  readonly egid: number;
  readonly groups: readonly number[];
  /** Whether entries are reported one by one, and unchanged ones too. */
  readonly items: "none" | "changed" | "all";
  readonly control: SharedArrayBuffer;
  /** One Float64Array a lane, by counterNames. */
  readonly counters: SharedArrayBuffer;
  /** What lanes share that look for renamed files (move-memory.ts); undefined = nobody looks for them. */
  readonly moves?: SharedArrayBuffer | undefined;
  /** State of the shared rate limit; undefined = no limit. */
  readonly rate: SharedArrayBuffer | undefined;
  /** Where --compare-dest and its kin look, in order. */
  readonly basisRoots: readonly ByteString[];
  /** Where --rename-from looks, in order. */
  readonly renameRoots?: readonly ByteString[];
  /** --usermap and --groupmap; undefined = ids stay as they are. */
  readonly idMaps: IdMaps | undefined;
  /** Parsed once, by the main thread; undefined = there are none. */
  readonly filterRules: FilterRuleSet | undefined;
  /** Digests that are known from earlier runs; undefined = none. */
  readonly digests?: DigestSettings | undefined;
  /** Absolute. */
  readonly workingDirectory: ByteString;
  /** Surroundings.confinement. */
  readonly confinement?: Confinement | undefined;
  /** Surroundings.links. */
  readonly links?: OperatorLinks | undefined;
  /** Surroundings.door. */
  readonly door?: unknown;
}
