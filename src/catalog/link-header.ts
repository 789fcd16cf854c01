// Mirrors that a server names beside a file (RFC 6249, with RFC 8288's Link header), and digests of it (RFC 3230,
// RFC 9530).

import { type DigestName, digestLengths } from "../hash/index.ts";
import type { CatalogDigest } from "./entry.ts";

/** Another place that has the same file. */
export interface LinkedMirror {
  readonly url: string;
  /** 1 is the best; servers that say nothing mean the worst. */
  readonly priority: number;
  /** It promises to give the same ETags. */
  readonly sharesTags: boolean;
  /** So many parts of the path, from the end, are the same on all files of the mirror. */
  readonly depth: number | undefined;
  readonly location: string | undefined;
}

/** What a Link header says. */
export interface Links {
  /** The best first. HTTP and HTTPS only. */
  readonly mirrors: readonly LinkedMirror[];
  /** A Metalink file for it. */
  readonly metalink: string | undefined;
}

const linksMax = 1000;
const headerBytesMax = 64 * 1024;
const priorityWorst = 999_999;

/** Parses the values of a Link header; relative targets are resolved against `base`. What cannot be read is passed over. */
export function parseLinks(header: string, base: string): Links {
  const mirrors: LinkedMirror[] = [];
  let metalink: string | undefined;
  for (const { target, parameters } of readLinks(header.slice(0, headerBytesMax))) {
    const url = resolve(target, base);
    const relations = (parameters.get("rel") ?? "").toLowerCase().split(/\s+/);
    if (url === undefined) continue;
    if (relations.includes("duplicate")) {
      mirrors.push({
        url,
        priority: numberOf(parameters.get("pri")) ?? priorityWorst,
        sharesTags: parameters.has("pref"),
        depth: numberOf(parameters.get("depth")),
        location: parameters.get("geo")?.toLowerCase(),
      });
    }
    const isMetalink = parameters.get("type") === "application/metalink4+xml";
    if (relations.includes("describedby") && isMetalink) metalink ??= url;
  }
  return { mirrors: mirrors.sort((one, other) => one.priority - other.priority), metalink };
}

interface Link {
  readonly target: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function readLinks(header: string): Link[] {
  const links: Link[] = [];
  const opening = /[\s,]*<([^>]*)>/y;
  const parameter = /\s*;\s*([A-Za-z*-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;
  let at = 0;
  while (links.length < linksMax) {
    opening.lastIndex = at;
    const opened = opening.exec(header);
    if (opened === null) break;
    at = opening.lastIndex;
    const parameters = new Map<string, string>();
    for (;;) {
      parameter.lastIndex = at;
      const found = parameter.exec(header);
      if (found === null) break;
      at = parameter.lastIndex;
      const [, name = "", quoted, token] = found;
      const value = quoted?.replace(/\\(.)/g, "$1") ?? token ?? "";
      if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
    }
    links.push({ target: opened[1] ?? "", parameters });
  }
  return links;
}

function resolve(target: string, base: string): string | undefined {
  try {
    const url = new URL(target, base);
    return /^https?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    // Somebody else's mistake, about a mirror that we can do without.
    return undefined;
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

const names: Readonly<Record<string, DigestName>> = {
  "sha-256": "sha256",
  sha: "sha1",
  md5: "md5",
};

/** Returns the strongest digest of a Digest ("SHA-256=base64,...") or Repr-Digest ("sha-256=:base64:,...") header. */
export function parseDigestHeader(header: string): CatalogDigest | undefined {
  const found = new Map<DigestName, Uint8Array>();
  for (const part of header.slice(0, headerBytesMax).split(",")) {
    const [, word = "", base64 = ""] =
      /^\s*([A-Za-z0-9-]+)=:?([A-Za-z0-9+/=]+?):?\s*$/.exec(part) ?? [];
    const algorithm = names[word.toLowerCase()];
    const value = Uint8Array.from(Buffer.from(base64, "base64"));
    if (algorithm !== undefined && value.length === digestLengths[algorithm])
      found.set(algorithm, value);
  }
  for (const algorithm of Object.values(names)) {
    const value = found.get(algorithm);
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}
