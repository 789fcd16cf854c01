// Where the files of listings are that a plan of arguments gives: those of the present directory, and those of
// earlier ones that were noted because they will be asked for again.

import type { ByteString } from "../../base/index.ts";
import type { FileHandle, FileSystem } from "../../fs/index.ts";
import { Directory } from "../../tree/index.ts";
import type { Inside } from "../conduct/inside-of.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { type OriginContent, sourceLabel } from "../lane/origin-content.ts";
import type { NotedFiles } from "./listing-stream.ts";
import type { SourcePlace } from "./sent-files.ts";

/** A directory, and what its entries come from. */
interface Place extends Pick<Inside, "origins" | "named"> {
  readonly path: ByteString;
}

/** Of a directory that was noted: which of its places an entry is from, unless there is only one. */
interface NotedPlace extends Place {
  readonly places: Map<ByteString, number> | undefined;
}

/** Opens files. */
export class ListedPlaces implements NotedFiles, SourcePlace {
  readonly fs: FileSystem;
  readonly #lane: LaneContext;
  /** The listing of the present directory. */
  readonly #columns: Directory;
  #current: Place | undefined;
  /** What is open, of which directory. */
  #content: OriginContent | undefined;
  #contentOf: Place | undefined;
  /** Entries of the present directory by name, once one was asked for. */
  #indices: Map<ByteString, number> | undefined;
  readonly #noted = new Map<ByteString, NotedPlace>();
  readonly #one = new Directory();

  constructor(lane: LaneContext, columns: Directory) {
    this.fs = lane.sourceFs;
    this.#lane = lane;
    this.#columns = columns;
  }

  /** Goes on to another directory. */
  enter(place: Place): void {
    this.close();
    this.#indices = undefined;
    this.#current = place;
  }

  readonly note = (names: Iterable<ByteString>): void => {
    const { path, origins, named } = this.#current as Place;
    const places = new Map<ByteString, number>();
    if (origins.length + named.length > 1) {
      for (const name of names) places.set(name, this.#placeOf(name));
    }
    this.#noted.set(path, { path, origins, named, places: places.size > 0 ? places : undefined });
  };

  /** Opens entry `index` of the present directory. Throws FsError. */
  openAt(name: ByteString, index: number): FileHandle {
    return this.#contentFor(this.#current as Place).open({ listing: this.#columns, index, name });
  }

  readonly open = (path: ByteString, name: ByteString): FileHandle => {
    if (path === this.#current?.path) return this.openAt(name, this.#indexOf(name));
    const noted = this.#noted.get(path) as NotedPlace;
    const one = this.#one;
    one.clear();
    const index = one.add(name, 0);
    one.origin[index] = noted.places?.get(name) ?? 0;
    return this.#contentFor(noted).open({ listing: one, index, name });
  };

  labelOf(path: ByteString, name: ByteString): ByteString {
    const isCurrent = path === this.#current?.path;
    const noted = isCurrent ? undefined : this.#noted.get(path);
    const { origins, named } = noted ?? (this.#current as Place);
    const place = isCurrent ? this.#placeOf(name) : (noted?.places?.get(name) ?? 0);
    return sourceLabel({ roots: this.#lane.roots }, origins, named, place, name);
  }

  /** Lets go of what is open. */
  close(): void {
    this.#content?.close();
    this.#content = undefined;
    this.#contentOf = undefined;
  }

  #contentFor(place: Place): OriginContent {
    if (this.#contentOf !== place) this.close();
    this.#contentOf = place;
    this.#content ??= this.#lane.contentSource(place.origins, place.named);
    return this.#content;
  }

  #placeOf(name: ByteString): number {
    return this.#columns.origin[this.#indexOf(name)] as number;
  }

  #indexOf(name: ByteString): number {
    if (this.#indices === undefined) {
      this.#indices = new Map();
      const { count } = this.#columns;
      for (let i = 0; i < count; i++) this.#indices.set(this.#columns.name(i), i);
    }
    return this.#indices.get(name) ?? 0;
  }
}
