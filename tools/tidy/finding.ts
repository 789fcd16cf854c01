// What a check found: one line of output.

import { readFileSync } from "node:fs";

/** Something to mend, at a place. */
export interface Finding {
  /** Relative to the top folder. */
  readonly file: string;
  /** 1-based; 0 where the file as a whole is meant. */
  readonly line: number;
  /** A sentence that says what to do. */
  readonly says: string;
}

/** A file of this repository and its text, read once for all checks. */
export interface TextFile {
  /** Relative to the top folder, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Returns the files at `paths` that exist, with their texts; the current folder is the top. */
export function readTexts(paths: readonly string[]): TextFile[] {
  const files: TextFile[] = [];
  for (const path of paths) {
    try {
      files.push({ path, text: readFileSync(path, "utf8") });
    } catch (error) {
      // Removed or renamed since it was listed.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return files;
}

/** Returns the 1-based line of a character position. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < position; at = text.indexOf("\n", at + 1)) {
    line++;
  }
  return line;
}
