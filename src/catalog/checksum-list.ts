// Lists of checksums as md5sum, sha1sum and sha256sum write them (both forms), and b3sum: SHA256SUMS, MD5SUMS and their like.

import { type ByteString, ManifoldError } from "../base/index.ts";
import { type DigestName, digestLengths } from "../hash/index.ts";
import type { CatalogReader, EntrySink } from "./entry.ts";
import { Lines } from "./lines.ts";
import { isStatePath, requireSafePath } from "./safe-path.ts";

/** What is said of such a list. */
export interface ChecksumListSettings {
  /** Names it in messages: "SHA256SUMS". */
  readonly catalog: string;
  /** Of lines that do not say it themselves. */
  readonly algorithm: DigestName;
  readonly sink: EntrySink;
}

/** A backslash at the beginning: newlines, carriage returns and backslashes of the name are escaped. */
const plainForm = /^(\\?)([0-9A-Fa-f]{32,128}) [ *](.+)$/s;
const taggedForm = /^(\\?)([A-Z0-9]{3,8}) \((.+)\) = ([0-9A-Fa-f]{32,128})$/s;

const tags: Readonly<Record<string, DigestName>> = {
  MD5: "md5",
  SHA1: "sha1",
  SHA256: "sha256",
  BLAKE3: "blake3",
};

/** Names under which such lists are published at the top of a directory, the strongest first. */
export const checksumListNames: readonly {
  readonly name: string;
  readonly algorithm: DigestName;
}[] = [
  { name: "SHA256SUMS", algorithm: "sha256" },
  { name: "sha256sum.txt", algorithm: "sha256" },
  { name: "SHA1SUMS", algorithm: "sha1" },
  { name: "MD5SUMS", algorithm: "md5" },
];

/** Reads such a list. Comments and empty lines are passed over. */
export class ChecksumListReader implements CatalogReader {
  readonly #settings: ChecksumListSettings;
  readonly #lines: Lines;

  constructor(settings: ChecksumListSettings) {
    this.#settings = settings;
    this.#lines = new Lines(settings.catalog, (line) => this.#line(line));
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): void {
    this.#lines.end();
  }

  #line(line: ByteString): void {
    if (line === "" || line.startsWith("#")) return;
    const { catalog, algorithm, sink } = this.#settings;
    const row = parseRow(line, algorithm);
    if (row === undefined) {
      throw new ManifoldError("protocol-data", `${catalog} has a line that is no checksum`);
    }
    const path = requireSafePath(row.name, catalog);
    if (isStatePath(path)) return;
    const isUsable =
      row.algorithm !== undefined && digestLengths[row.algorithm] * 2 === row.digits.length;
    const value = Uint8Array.from(Buffer.from(row.digits, "hex"));
    sink({
      path,
      kind: "file",
      ...(isUsable &&
        row.algorithm !== undefined && { digest: { algorithm: row.algorithm, value } }),
    });
  }
}

interface Row {
  readonly name: ByteString;
  readonly digits: string;
  /** Undefined = one that we cannot compute. */
  readonly algorithm: DigestName | undefined;
}

function parseRow(line: ByteString, algorithm: DigestName): Row | undefined {
  const plain = plainForm.exec(line);
  if (plain !== null) {
    const [, mark = "", digits = "", name = ""] = plain;
    return { name: unescapeName(name, mark), digits, algorithm };
  }
  const tagged = taggedForm.exec(line);
  if (tagged === null) return undefined;
  const [, mark = "", tag = "", name = "", digits = ""] = tagged;
  return { name: unescapeName(name, mark), digits, algorithm: tags[tag] };
}

const escaped: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n", "\\r": "\r" };

function unescapeName(name: ByteString, mark: string): ByteString {
  return mark === "" ? name : name.replace(/\\[\\nr]/g, (pair) => escaped[pair] ?? pair);
}
