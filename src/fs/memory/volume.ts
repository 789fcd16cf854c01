// One file system of the memory door: a device number, its inodes and its limits. The door has
// one at its root and one more for every mount point.

import { type ByteString, fromText } from "../../base/index.ts";

/** What a volume is like; every field has a plain default. */
export interface VolumeOptions {
  /** Bytes of file content that fit, in pages of 4096; then ENOSPC. Default: no limit. */
  readonly quotaBytes?: number;
  /** Files, directories and so on that fit; then ENOSPC. Default: no limit. */
  readonly inodesMax?: number;
  /** Names that differ only in case are one name, kept as first spelled (as UTF-8 text). */
  readonly caseInsensitive?: boolean;
  /** Times are rounded down to a multiple of this many nanoseconds: 2e9 for FAT, 1e9 for ext3. */
  readonly timeGranularity?: number;
  /** Names of one file; then EMLINK. 0 means that links are EPERM, as on FAT. */
  readonly linksMax?: number;
  /** Bytes of a name; then ENAMETOOLONG. */
  readonly nameBytesMax?: number;
  /** Everything that changes something is EROFS. */
  readonly readOnly?: boolean;
  /** readNames does not tell types, as some file systems do not. */
  readonly untypedNames?: boolean;
}

/** Inode number of a volume's top directory, as on ext4. */
export const topNumber = 2;

/** Mutable state of a volume. */
export class Volume {
  readonly deviceMinor: number;
  readonly caseInsensitive: boolean;
  readonly timeGranularity: number;
  readonly linksMax: number;
  readonly nameBytesMax: number;
  readonly untypedNames: boolean;
  quotaBytes: number;
  inodesMax: number;
  readOnly: boolean;
  usedBytes = 0;
  inodes = 0;
  #nextNumber = topNumber;

  constructor(deviceMinor: number, options: VolumeOptions = {}) {
    this.deviceMinor = deviceMinor;
    this.caseInsensitive = options.caseInsensitive ?? false;
    this.timeGranularity = options.timeGranularity ?? 1;
    this.linksMax = options.linksMax ?? 65_000;
    this.nameBytesMax = options.nameBytesMax ?? 255;
    this.untypedNames = options.untypedNames ?? false;
    this.quotaBytes = options.quotaBytes ?? Number.POSITIVE_INFINITY;
    this.inodesMax = options.inodesMax ?? Number.POSITIVE_INFINITY;
    this.readOnly = options.readOnly ?? false;
  }

  /** Takes bytes from the quota; false, and nothing taken, when there is no room. */
  claim(bytes: number): boolean {
    if (this.usedBytes + bytes > this.quotaBytes) return false;
    this.usedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.usedBytes -= bytes;
  }

  /** Counts a new inode and numbers it. */
  takeNumber(): number {
    this.inodes++;
    return this.#nextNumber++;
  }

  /** Returns a volume of the same device, limits and counts, for a copy of its inodes. */
  copy(): Volume {
    const copy = new Volume(this.deviceMinor, this);
    copy.usedBytes = this.usedBytes;
    copy.inodes = this.inodes;
    copy.#nextNumber = this.#nextNumber;
    return copy;
  }

  /** The name as it is compared. One that is not UTF-8 is compared byte by byte, as ext4 does. */
  fold(name: ByteString): ByteString {
    if (!this.caseInsensitive) return name;
    const text = Buffer.from(name, "latin1").toString("utf8");
    if (fromText(text) !== name) return name;
    return fromText(text.toLowerCase());
  }
}
