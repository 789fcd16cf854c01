// Tidiness of words, in code and documents alike: names that say nothing, unfinished business,
// references that lead out of the repository.

import type { Finding, TextFile } from "./finding.ts";
import { lineAt } from "./finding.ts";

interface Ban {
  readonly pattern: RegExp;
  readonly says: string;
  /** Files it concerns; by default all. */
  readonly files?: RegExp;
}

const code = /\.(ts|mjs|sh)$/;

const bans: readonly Ban[] = [
  { pattern: /\bFIXME\b|\bXXX\b/g, says: "mend it or write an issue" },
  { pattern: /\bTODO\b(?!\([^)]+\): )/g, says: "a TODO has an owner: TODO(name or issue): what" },
  {
    pattern: /\bas unknown as\b/g,
    says: "a cast through unknown hides a wrong type",
    // The doors to foreign code have no types to begin with.
    files: /^src\/(?!native|hash)/,
  },
  { pattern: /@ts-(ignore|nocheck)/g, says: "mend the type", files: code },
  {
    pattern: /["'`](Failed|failed|Unable|unable) to\b/g,
    says: 'say what cannot be done and why: "Cannot read X: reason"',
    // The command line prints rsync's own sentences where its output must equal rsync's.
    files: /^src\/(?!cli\/)/,
  },
  {
    pattern: /(?<![\w.])\/(home|Users|work)\/\w/g,
    says: "a path of one machine means nothing on another",
    files: /^(?!test\/)/,
  },
  {
    pattern: /\bDESIGN\b/g,
    says: "name a promise as P1..P8 (ARCHITECTURE.md lists them), not another document",
  },
  {
    pattern: /\bthe (architect|brief)\b/gi,
    says: "write for readers of the code: who did the work, and how it was shared out, is not here",
  },
];

/** File and folder names that say nothing about what they hold. */
const emptyNames = /(^|\/)(utils?|helpers?|common|misc|manager|lib|core|service)(\.|\/|$)/;

/** Files that name what is banned. */
export const exempt: ReadonlySet<string> = new Set([
  "tools/tidy/words.ts",
  "test/tools/tidy.test.ts",
]);

/** Checks the words of one file, and its name. */
export function checkWords({ path, text }: TextFile): Finding[] {
  const findings: Finding[] = [];
  if (emptyNames.test(path)) {
    findings.push({ file: path, line: 0, says: "name the file after what it holds" });
  }
  if (exempt.has(path)) return findings;
  for (const { pattern, says, files } of bans) {
    if (files !== undefined && !files.test(path)) continue;
    for (const match of text.matchAll(pattern)) {
      findings.push({ file: path, line: lineAt(text, match.index), says: `${match[0]}: ${says}` });
    }
  }
  return findings;
}
