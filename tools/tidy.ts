// Code about code: what the compiler and the linter cannot see. `node --import tsx tools/tidy.ts`
// reads every file of the repository once and prints a line for each thing to mend.

import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { checkCode } from "./tidy/code.ts";
import { checkArchitecture, checkFolders, checkMarkdown, checkMentions } from "./tidy/documents.ts";
import { type Finding, readTexts } from "./tidy/finding.ts";
import { checkWords, exempt } from "./tidy/words.ts";

process.chdir(new URL("..", import.meta.url).pathname);
const findings = tidy(listFiles());
for (const { file, line, says } of findings) console.log(`${file}:${line}: ${says}`);
process.exitCode = findings.length > 0 ? 1 : 0;

/** Returns the files of the repository: tracked, or new and not ignored. */
function listFiles(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const paths = execFileSync("git", args, { encoding: "utf8", maxBuffer: 2 ** 26 }).split("\0");
  return [...new Set(paths)].filter((path) => path !== "" && !path.includes("golden/")).sort();
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
