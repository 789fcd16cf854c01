// catalog: what others say about the files they have, in their own forms, as entries. Directory indexes of web servers,
// ls-lR, Debian's indices, lists of checksums, Metalink, Link headers, pages of object stores.
//
//   reader = new HtmlIndexReader(place, sink); reader.push(bytes); ... reader.end()
//
// In: bytes, from strangers. Out: entries with safe relative paths, each with what its form can tell and how exactly.
// Pure: nothing here fetches anything. The only door to htmlparser2.
//
// Not promised: that what is said is true, or all there is. Signatures are not checked here.

export {
  type BucketError,
  type BucketObject,
  type BucketPage,
  parseBucketError,
  parseBucketPage,
} from "./bucket-page.ts";
export { dateOf, formatHttpDate, parseHttpDate, parseIsoTime } from "./calendar.ts";
export {
  ChecksumListReader,
  type ChecksumListSettings,
  checksumListNames,
} from "./checksum-list.ts";
export { DebianIndexReader, type DebianRelease, parseDebianRelease } from "./debian.ts";
export type {
  CatalogDigest,
  CatalogEntry,
  CatalogKind,
  CatalogReader,
  CatalogTime,
  EntrySink,
} from "./entry.ts";
export { HtmlIndexReader } from "./html-index.ts";
export { type IndexPlace, placeOf } from "./index-place.ts";
export { JsonIndexReader } from "./json-index.ts";
export { type LinkedMirror, type Links, parseDigestHeader, parseLinks } from "./link-header.ts";
export { LsReader, type LsSettings } from "./ls-listing.ts";
export { type MetalinkFile, type MetalinkUrl, parseMetalink } from "./metalink.ts";
export { encodePath } from "./percent.ts";
export { isSafeName, isStatePath, safePath } from "./safe-path.ts";
