// What a build is made from, and the digest that names it. The digest covers every source file, the
// bundler's own scripts, package.json and the lock file, so equal digests mean equal builds.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Files outside src/ and tools/build/ that decide what a build contains. */
const topFiles = ["package.json", "package-lock.json", "tools/build.mjs"];

/**
 * Digests the sources under `top`: names, lengths and contents.
 * @param {string} top The checkout.
 * @returns {{ digest: string, paths: string[] }} 16 hex digits; and every file and folder that was
 *   looked at, relative to `top`, in names free of blanks and of what a shell treats specially.
 */
export function digestSources(top) {
  const { files, folders } = listSources(top);
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(join(top, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return { digest: hash.digest("hex").slice(0, 16), paths: [...folders, ...files] };
}

function listSources(top) {
  const files = [...topFiles];
  const folders = [];
  for (const root of ["src", "tools/build"]) {
    folders.push(root);
    for (const entry of readdirSync(join(top, root), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath.slice(top.length + 1), entry.name);
      if (!/^[\w./-]+$/.test(path)) continue; // An editor's file: the launcher splits on blanks.
      if (entry.isDirectory()) folders.push(path);
      else if (/\.(ts|mjs|cjs|json)$/.test(path)) files.push(path);
    }
  }
  return { files: files.sort(), folders: folders.sort() };
}
