// Where the entries of a listing come from: their content, and how messages name them.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { DirHandle, FileSystem, Follow } from "../../fs/index.ts";
import {
  type ContentSource,
  isUnchanged,
  type NamedGroup,
  type Origin,
  openContent,
  openOrigin,
  refreshEntry,
  type SourceRoot,
} from "../../pipeline/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { LaneSettings } from "../plan/lane-settings.ts";

/** What opening content asks of a lane. */
export interface ContentLane {
  readonly settings: LaneSettings;
  readonly sourceFs: FileSystem;
  readonly roots: readonly SourceRoot[];
  readonly follow: Follow;
}

/** Opens content through the place that each entry of a listing came from; keeps the last directory open. */
export class OriginContent implements ContentSource {
  readonly fs: FileSystem;
  readonly #lane: ContentLane;
  readonly #origins: readonly Origin[];
  readonly #named: readonly NamedGroup[];
  #openPlace = -1;
  #dir: DirHandle = -1;

  constructor(lane: ContentLane, origins: readonly Origin[], named: readonly NamedGroup[]) {
    this.#lane = lane;
    this.fs = lane.sourceFs;
    this.#origins = origins;
    this.#named = named;
  }

  open(entry: { listing: Directory; index: number; name: ByteString }): number {
    const place = entry.listing.origin[entry.index] as number;
    if (place !== this.#openPlace) this.#pin(place);
    const name = this.#named[place - this.#origins.length]?.sourceName ?? entry.name;
    const noAtime = this.#lane.settings.options.transfer.openNoatime;
    return openContent({ fs: this.fs, dir: this.#dir, follow: this.#lane.follow, noAtime }, name);
  }

  /** The source directory of the place, pinned; not to be closed, and good until another place is asked for. Throws FsError. */
  directory(place: number): DirHandle {
    if (place !== this.#openPlace) this.#pin(place);
    return this.#dir;
  }

  isUnchanged(file: number, entry: { listing: Directory; index: number }): boolean {
    return isUnchanged(this.fs, file, entry.listing, entry.index);
  }

  refresh(file: number, entry: { listing: Directory; index: number }): boolean {
    return refreshEntry(this.fs, file, entry.listing, entry.index);
  }

  close(): void {
    if (this.#openPlace >= 0) this.fs.closeDirectory(this.#dir);
    this.#openPlace = -1;
  }

  #pin(place: number): void {
    this.close();
    const origin = this.#origins[place];
    const named = this.#named[place - this.#origins.length];
    const number = sourceRoot(this.#origins, this.#named, place);
    const root = this.#lane.roots[number] as SourceRoot;
    this.#dir =
      origin === undefined
        ? this.fs.openDirectory(root.dir, named?.parent ?? "", "anywhere")
        : openOrigin(root, origin, this.#lane.follow);
    this.#openPlace = place;
  }
}

/** Returns the number of the source root that an entry from `place` lies in. */
export function sourceRoot(
  origins: readonly Origin[],
  named: readonly NamedGroup[],
  place: number,
): number {
  return origins[place]?.root ?? named[place - origins.length]?.root ?? 0;
}

/** Returns the path that messages use for an entry of the source. */
export function sourceLabel(
  { roots }: { readonly roots: readonly { readonly label: ByteString }[] },
  origins: readonly Origin[],
  named: readonly NamedGroup[],
  place: number,
  name: ByteString,
): ByteString {
  const origin = origins[place];
  const group = named[place - origins.length];
  const { label } = roots[sourceRoot(origins, named, place)] as { readonly label: ByteString };
  return label + joinPath(origin?.path ?? group?.parent ?? "", group?.sourceName ?? name);
}
