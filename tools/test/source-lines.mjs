// Names lines of the .ts files where lines of the modules that transpile.mjs wrote are named. Node would
// do so itself (--enable-source-maps), but reads every map at the start of each process for it.

import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

const maps = new Map();

/**
 * Puts the source and its line wherever a line of such a module is named.
 * @param {string} text A stack, or whatever was printed.
 * @returns {string}
 */
export function withSourceLines(text) {
  return text.replace(/(file:\/\/[^\s:]+\.mjs):(\d+):(\d+)/g, (whole, url, line, column) => {
    try {
      const path = fileURLToPath(url);
      if (!maps.has(path))
        maps.set(path, new SourceMap(JSON.parse(readFileSync(`${path}.map`, "utf8"))));
      const { originalSource, originalLine } = maps.get(path).findEntry(line - 1, column - 1);
      return `${fileURLToPath(new URL(originalSource, url))}:${originalLine + 1}`;
    } catch {
      return whole; // There is no map of it.
    }
  });
}
