// Metalink 3 (.metalink) and 4 (.meta4, RFC 5854): files with size, digests, digests of pieces, and where to get them.

import { ManifoldError, toText } from "../base/index.ts";
import { type DigestName, digestLengths, isDigestName } from "../hash/index.ts";
import { type Element, ElementReader } from "./elements.ts";
import type { CatalogDigest, CatalogEntry } from "./entry.ts";
import { requireSafePath } from "./safe-path.ts";

/** One place to get a file from. */
export interface MetalinkUrl {
  readonly url: string;
  /** 1 is the best, as in Metalink 4; the 0 to 100 of Metalink 3 are turned round. */
  readonly priority: number;
  /** ISO 3166-1 country. */
  readonly location: string | undefined;
}

/** One file. */
export interface MetalinkFile extends CatalogEntry {
  readonly pieces:
    | {
        readonly algorithm: DigestName;
        readonly length: number;
        readonly values: readonly Uint8Array[];
      }
    | undefined;
  /** HTTP and HTTPS only; the best first. */
  readonly urls: readonly MetalinkUrl[];
}

const catalog = "A Metalink file";
const filesMax = 1_000_000;
const urlsMax = 1000;
const piecesMax = 1_000_000;
/** Metalink 4 counts down to the worst. */
const priorityWorst = 999_999;

/** Parses either version. Throws ManifoldError "protocol-data" where it is neither, or names a path that leads out. */
export function parseMetalink(bytes: Uint8Array): readonly MetalinkFile[] {
  const files: MetalinkFile[] = [];
  let file: FileBuilder | undefined;
  let isMetalink = false;
  const reader = new ElementReader(catalog, {
    opened: (name, attributes) => {
      if (name === "metalink") isMetalink = true;
      if (name === "file") file = new FileBuilder(attributes.name ?? "");
      if (name === "pieces") file?.beginPieces(attributes);
    },
    closed: (element) => {
      if (element.name !== "file") file?.take(element);
      else if (file !== undefined) {
        if (files.length >= filesMax) refuse(`has more than ${filesMax} files`);
        files.push(file.finish());
        file = undefined;
      }
    },
  });
  reader.push(bytes);
  reader.end();
  if (!isMetalink) refuse("has no <metalink>");
  return files;
}

/** Collects what is said of one file. */
class FileBuilder {
  readonly #path: string;
  readonly #digests: CatalogDigest[] = [];
  readonly #urls: MetalinkUrl[] = [];
  #pieces: { algorithm: DigestName; length: number; values: Uint8Array[] } | undefined;
  #size: number | undefined;

  constructor(name: string) {
    this.#path = requireSafePath(name, catalog);
  }

  beginPieces({ type = "", length = "" }: Readonly<Record<string, string>>): void {
    const algorithm = algorithmOf(type);
    const isBetter = algorithm !== undefined && rankOf(algorithm) > rankOf(this.#pieces?.algorithm);
    if (isBetter && /^[1-9]\d{0,14}$/.test(length)) {
      this.#pieces = { algorithm, length: Number(length), values: [] };
    }
  }

  take({ name, text, attributes, around }: Element): void {
    if (name === "size" && /^\d{1,15}$/.test(text)) this.#size = Number(text);
    else if (name === "url") this.#url(text, attributes);
    else if (name === "hash" && around.at(-1) === "pieces") this.#piece(text);
    else if (name === "hash") {
      const algorithm = algorithmOf(attributes.type ?? "");
      const value = algorithm && hexDigest(text, algorithm);
      if (algorithm !== undefined && value !== undefined) this.#digests.push({ algorithm, value });
    }
  }

  #piece(text: string): void {
    const pieces = this.#pieces;
    if (pieces === undefined) return;
    const value = hexDigest(text, pieces.algorithm);
    // Of pieces in another digest, which are not the ones kept.
    if (value === undefined) return;
    if (pieces.values.length >= piecesMax) refuse(`has more than ${piecesMax} pieces of one file`);
    pieces.values.push(value);
  }

  #url(text: string, attributes: Readonly<Record<string, string>>): void {
    if (!/^https?:\/\//i.test(text) || this.#urls.length >= urlsMax) return;
    const { priority, preference, location } = attributes;
    const worst = priorityWorst;
    const given = Number(priority ?? (preference === undefined ? worst : 101 - Number(preference)));
    this.#urls.push({
      url: toText(text),
      priority: Number.isFinite(given) ? given : worst,
      location: location?.toLowerCase(),
    });
  }

  finish(): MetalinkFile {
    const { algorithm, length, values } = this.#pieces ?? {
      algorithm: undefined,
      length: 1,
      values: [],
    };
    // A list that does not cover the file exactly is of another file.
    const isWhole = this.#size !== undefined && values.length === Math.ceil(this.#size / length);
    const [digest] = this.#digests.sort(
      (one, other) => rankOf(other.algorithm) - rankOf(one.algorithm),
    );
    return {
      path: this.#path,
      kind: "file",
      size: this.#size,
      digest,
      pieces:
        algorithm !== undefined && values.length > 0 && isWhole
          ? { algorithm, length, values }
          : undefined,
      urls: this.#urls.sort((one, other) => one.priority - other.priority),
    };
  }
}

/** "sha-256" (Metalink 4) and "sha256" (Metalink 3) are one; undefined = one that we cannot compute. */
function algorithmOf(type: string): DigestName | undefined {
  const name = type.toLowerCase().replace(/^sha-/, "sha");
  return isDigestName(name) ? name : undefined;
}

function rankOf(algorithm: DigestName | undefined): number {
  return algorithm === undefined ? -1 : ["md5", "sha1", "sha256", "blake3"].indexOf(algorithm);
}

function hexDigest(text: string, algorithm: DigestName): Uint8Array | undefined {
  const isDigest = /^[0-9A-Fa-f]+$/.test(text) && text.length === digestLengths[algorithm] * 2;
  return isDigest ? Uint8Array.from(Buffer.from(text, "hex")) : undefined;
}

function refuse(says: string): never {
  throw new ManifoldError("protocol-data", `${catalog} ${says}`);
}
