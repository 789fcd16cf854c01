// Where a directory index was found, and which links on it lead to something one level below: same server,
// no query, no way up or around.

import type { ByteString } from "../base/index.ts";
import { decodePercent } from "./percent.ts";
import { isSafeName } from "./safe-path.ts";

/** The place of a page, after all redirections. */
export interface IndexPlace {
  /** "http://host:port", in lower case, without a default port. */
  readonly origin: string;
  /** Decoded, with a slash at both ends. */
  readonly path: ByteString;
}

/** What a link leads to. */
export interface IndexChild {
  readonly name: ByteString;
  readonly isDirectory: boolean;
}

/** Returns the place of a URL. */
export function placeOf(url: URL): IndexPlace {
  const path = decodePercent(url.pathname);
  return { origin: url.origin, path: path.endsWith("/") ? path : `${path}/` };
}

/** Returns the child that a link leads to; undefined for every other link. `href` has no character references left. */
export function childOf(place: IndexPlace, href: ByteString): IndexChild | undefined {
  if (/[?#]/.test(href)) return undefined;
  const below = belowPlace(place, href);
  if (below === undefined) return undefined;
  const written = below.replace(/^(\.\/)+/, "");
  const isDirectory = written.endsWith("/");
  const name = decodePercent(isDirectory ? written.slice(0, -1) : written);
  return isSafeName(name) ? { name, isDirectory } : undefined;
}

/** Returns what of a link is relative to the page; undefined when it leads elsewhere. */
function belowPlace({ origin, path }: IndexPlace, href: ByteString): ByteString | undefined {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(href)?.[0];
  if (scheme !== undefined || href.startsWith("//")) {
    const whole = scheme === undefined ? `${origin.slice(0, origin.indexOf("//"))}${href}` : href;
    const from = origin.length;
    if (whole.slice(0, from).toLowerCase() !== origin || whole[from] !== "/") return undefined;
    return afterPath(path, whole.slice(from));
  }
  return href.startsWith("/") ? afterPath(path, href) : href;
}

/** Compares as many segments as the page's path has, decoded: servers differ in what they escape. */
function afterPath(path: ByteString, href: ByteString): ByteString | undefined {
  const count = path.split("/").length - 1;
  const segments = href.split("/");
  const head = segments.slice(0, count).map(decodePercent).join("/");
  return `${head}/` === path ? segments.slice(count).join("/") : undefined;
}
