// The indices of a Debian archive: Release and InRelease name the indices of a suite, with size and digest; Packages and
// Sources name the files of the pool. Together they are a complete list with digests of what a suite needs.

import { type ByteString, joinPath, ManifoldError } from "../base/index.ts";
import { type DigestName, digestLengths } from "../hash/index.ts";
import { parseHttpDate } from "./calendar.ts";
import { fieldOf, type Paragraph, ParagraphReader } from "./debian-fields.ts";
import type { CatalogEntry, CatalogReader, EntrySink } from "./entry.ts";
import { requireSafePath } from "./safe-path.ts";

/** A Release file. */
export interface DebianRelease {
  readonly suite: ByteString;
  readonly codename: ByteString;
  /** Seconds since 1970. */
  readonly date: number | undefined;
  readonly validUntil: number | undefined;
  /** Indices are also kept under their digests. */
  readonly hasByHash: boolean;
  /** Paths below the directory of the Release file. Some may not exist: compressed forms of each are named, not all are kept. */
  readonly files: readonly CatalogEntry[];
}

/** Fields of digests, the strongest first. */
const releaseFields: readonly [string, DigestName][] = [
  ["sha256", "sha256"],
  ["sha1", "sha1"],
  ["md5sum", "md5"],
];

/** Parses a Release or InRelease file. Its signature is not checked. */
export function parseDebianRelease(bytes: Uint8Array): DebianRelease {
  let first: Paragraph | undefined;
  const reader = new ParagraphReader("A Release file", (paragraph) => {
    first ??= paragraph;
  });
  reader.push(bytes);
  reader.end();
  if (first === undefined) throw new ManifoldError("protocol-data", "A Release file has no fields");
  const release = first;
  const field = releaseFields.find(([name]) => release.has(name));
  if (field === undefined)
    throw new ManifoldError("protocol-data", "A Release file names no files");
  return {
    suite: fieldOf(release, "suite"),
    codename: fieldOf(release, "codename"),
    date: parseHttpDate(fieldOf(release, "date")),
    validUntil: parseHttpDate(fieldOf(release, "valid-until")),
    hasByHash: fieldOf(release, "acquire-by-hash") === "yes",
    files: summedFiles(release, field, "", "A Release file"),
  };
}

/** Reads a Packages or Sources file; paths are below the archive's top. */
export class DebianIndexReader implements CatalogReader {
  readonly #reader: ParagraphReader;

  constructor(catalog: string, sink: EntrySink) {
    this.#reader = new ParagraphReader(catalog, (paragraph) => {
      for (const entry of filesOf(paragraph, catalog)) sink(entry);
    });
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  end(): void {
    this.#reader.end();
  }
}

const sourceFields: readonly [string, DigestName][] = [
  ["checksums-sha256", "sha256"],
  ["checksums-sha1", "sha1"],
  ["files", "md5"],
];

function filesOf(paragraph: Paragraph, catalog: string): readonly CatalogEntry[] {
  if (paragraph.has("filename")) return [packageFile(paragraph, catalog)];
  const field = sourceFields.find(([name]) => paragraph.has(name));
  if (field === undefined || !paragraph.has("directory")) {
    throw new ManifoldError("protocol-data", `${catalog} has a paragraph that names no file`);
  }
  return summedFiles(paragraph, field, fieldOf(paragraph, "directory"), catalog);
}

function packageFile(paragraph: Paragraph, catalog: string): CatalogEntry {
  const field = releaseFields.find(([name]) => paragraph.has(name));
  const digits = field === undefined ? "" : fieldOf(paragraph, field[0]);
  return {
    path: requireSafePath(fieldOf(paragraph, "filename"), catalog),
    kind: "file",
    size: parseLength(fieldOf(paragraph, "size"), catalog),
    ...(field !== undefined && { digest: digestOf(field[1], digits, catalog) }),
  };
}

/** "DIGEST SIZE PATH" on each further line of a field. */
function summedFiles(
  paragraph: Paragraph,
  [name, algorithm]: readonly [string, DigestName],
  directory: ByteString,
  catalog: string,
): CatalogEntry[] {
  const lines = (paragraph.get(name) ?? []).filter((line) => line !== "");
  return lines.map((line) => {
    const [digits = "", length = "", path = "", more] = line.split(/[ \t]+/);
    if (more !== undefined)
      throw new ManifoldError("protocol-data", `${catalog} has a line of more than three words`);
    return {
      path: requireSafePath(joinPath(directory, path), catalog),
      kind: "file",
      size: parseLength(length, catalog),
      digest: digestOf(algorithm, digits, catalog),
    };
  });
}

function parseLength(digits: string, catalog: string): number {
  if (/^\d{1,15}$/.test(digits)) return Number(digits);
  throw new ManifoldError("protocol-data", `${catalog} has a size that is no number`);
}

function digestOf(
  algorithm: DigestName,
  digits: string,
  catalog: string,
): NonNullable<CatalogEntry["digest"]> {
  if (!/^[0-9A-Fa-f]+$/.test(digits) || digits.length !== digestLengths[algorithm] * 2) {
    throw new ManifoldError(
      "protocol-data",
      `${catalog} has a ${algorithm} digest of ${digits.length} characters`,
    );
  }
  return { algorithm, value: Uint8Array.from(Buffer.from(digits, "hex")) };
}
