// Code about code: what the compiler and the linter cannot see. `node --import tsx tools/tidy.ts`
// reads every file of the repository once and prints a line for each thing to mend.

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { checkCode } from "./tidy/code.ts";
import { checkArchitecture, checkFolders, checkMarkdown, checkMentions } from "./tidy/documents.ts";
import { type Finding, readTexts } from "./tidy/finding.ts";
import { checkWords, exempt } from "./tidy/words.ts";

process.chdir(new URL("..", import.meta.url).pathname);
const findings = tidy(listFiles());
for (const { file, line, says } of findings) console.log(`${file}:${line}: ${says}`);
process.exitCode = findings.length > 0 ? 1 : 0;

/** Returns the files of the checkout; git is not asked, it may be absent or refuse. */
function listFiles(): string[] {
  const notOurs = /^(\.git|node_modules|\.build|dist)$/;
  const files: string[] = [];
  for (const entry of readdirSync(".", { withFileTypes: true })) {
    if (notOurs.test(entry.name)) continue;
    if (!entry.isDirectory()) files.push(entry.name);
    else {
      const below = readdirSync(entry.name, { recursive: true, withFileTypes: true });
      files.push(...below.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name)));
    }
  }
  return files.filter((path) => !path.includes("golden/")).sort();
}

function tidy(paths: readonly string[]): Finding[] {
  const codeFiles = readTexts(paths.filter((path) => /\.(ts|mjs)$/.test(path)));
  const scripts = readTexts(paths.filter((path) => /\.sh$|^manifold/.test(path)));
  const documents = readTexts(paths.filter((path) => path.endsWith(".md")));
  const known = new Set(documents.map(({ path }) => basename(path)));
  const architecture = documents.filter(({ path }) => path === "ARCHITECTURE.md");
  return [
    ...checkFolders(codeFiles.map(({ path }) => path)),
    ...codeFiles.flatMap(checkCode),
    ...[...codeFiles, ...scripts, ...documents].flatMap(checkWords),
    ...[...codeFiles, ...documents]
      .filter(({ path }) => !exempt.has(path))
      .flatMap((file) => checkMentions(file, known)),
    ...documents.flatMap(checkMarkdown),
    ...architecture.flatMap(checkArchitecture),
  ];
}
