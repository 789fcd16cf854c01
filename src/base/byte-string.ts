// Byte strings: how manifold holds file names and paths in memory.
//
// A file name is bytes, not text. Inside manifold it is a JavaScript string in which every
// character code is one byte (0..255), what Node calls latin1. Such strings are one byte a
// character in V8, compare with < and > in byte order, concatenate cheaply and serve as Map keys,
// and no byte is ever lost. They become text only in what people read (cli) and bytes only in fs.

/** A string whose character codes are bytes (0..255). Names, paths, link targets, argv. */
export type ByteString = string;

/** Returns the byte string of a text: its UTF-8 bytes, one character each. */
export function fromText(text: string): ByteString {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Returns the text that the bytes spell in UTF-8; invalid sequences become U+FFFD. */
export function toText(bytes: ByteString): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** What Buffer's toString("latin1") calls; it takes any bytes, and making a Buffer of them first would take longer. */
type Slicing = Buffer & {
  readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string;
};
const { latin1Slice } = Buffer.prototype as Slicing;

/** Returns the byte string of the bytes from `start` to `end` (default: all). */
export function fromBytes(bytes: Uint8Array, start = 0, end = bytes.length): ByteString {
  return latin1Slice.call(bytes, start, Math.min(end, bytes.length));
}

/** Returns a fresh array with the bytes of the byte string. */
export function toBytes(bytes: ByteString): Uint8Array {
  return new Uint8Array(Buffer.from(bytes, "latin1"));
}

/** Joins a directory path ("" is the root) and a name or relative path with one slash. */
export function joinPath(directory: ByteString, name: ByteString): ByteString {
  return directory === "" ? name : `${directory}/${name}`;
}

/** Returns everything before the last slash, "" when there is none. */
export function parentPath(path: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** Returns everything after the last slash. */
export function baseName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
