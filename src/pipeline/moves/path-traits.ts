// What of a path says that a file may be a former version of another: numbers (hashes) that can be compared
// without the names. Equal numbers of different names cost a guess, never more. Pure.

const dot = 0x2e;
const slash = 0x2f;
const tilde = 0x7e;

/** Names that editors and people give what they keep; what stands before is the name that counts. */
const keptMarks = [".orig", ".bak", ".old"].map((mark) => Uint8Array.from(Buffer.from(mark)));
/** "a.1.orig~" has three marks; more are no marks any more. */
const marksMax = 3;

/** Mixes a number into a hash (the finalizer of MurmurHash3, public domain). */
export function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Mixes a size or a time in seconds into a hash. */
export function mixDouble(hash: number, value: number): number {
  return mix(mix(hash, value >>> 0), Math.floor(value / 2 ** 32) >>> 0);
}

/** Hashes bytes [start, end) (hot loop; FNV-1a with a better end). */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return mix(h, end - start);
}

/** What is compared of base names. */
export class NameTraits {
  name = 0;
  /** Of the part before the first digit, and before the extension: "photo-" of "photo-17.jpg". */
  stem = 0;
  /** Of the part from the last dot on; 0 = there is none. */
  extension = 0;

  /** Reads the name bytes[start, end). */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.name = hashBytes(bytes, start, end);
    const core = coreEnd(bytes, start, end);
    let point = core - 1;
    while (point > start && bytes[point] !== dot) point--;
    const hasExtension = point > start;
    this.extension = hasExtension ? hashBytes(bytes, point, core) : 0;
    const stop = hasExtension ? point : core;
    let stem = start + 1;
    while (stem < stop && !isDigit(bytes[stem] as number)) stem++;
    this.stem = hashBytes(bytes, start, stem);
  }
}

/** Where a name ends without the marks of copies that were kept. */
function coreEnd(bytes: Uint8Array, start: number, end: number): number {
  let core = end;
  for (let n = 0; n < marksMax; n++) {
    const shorter = withoutMark(bytes, start, core);
    if (shorter === core) break;
    core = shorter;
  }
  return core;
}

function withoutMark(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 1 && bytes[end - 1] === tilde) return end - 1;
  for (const mark of keptMarks) {
    const at = end - mark.length;
    if (at > start && mark.every((byte, i) => byte === bytes[at + i])) return at;
  }
  let digits = end;
  while (digits > start && isDigit(bytes[digits - 1] as number)) digits--;
  const isNumber = digits < end && digits - 1 > start && bytes[digits - 1] === dot;
  return isNumber ? digits - 1 : end;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** What is compared of the paths of directories. */
export class DirectoryTraits {
  path = 0;
  /** Of the path of its parent. */
  parent = 0;
  /** Of its last name. */
  base = 0;

  /** Reads the path bytes[start, end). */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.path = hashBytes(bytes, start, end);
    let at = end;
    while (at > start && bytes[at - 1] !== slash) at--;
    this.base = hashBytes(bytes, at, end);
    this.parent = hashBytes(bytes, start, Math.max(start, at - 1));
  }
}
