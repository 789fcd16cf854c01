// Tidiness of documents: one title, links that lead somewhere, decision records that are indexed,
// and an ARCHITECTURE.md whose table of rooms is the one in rooms.mjs.

import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { rooms } from "../../rooms.mjs";
import { type Finding, lineAt, type TextFile } from "./finding.ts";

/** Checks one markdown file. */
export function checkMarkdown({ path, text }: TextFile): Finding[] {
  const findings: Finding[] = [];
  const prose = withoutCode(text);
  const titles = [...prose.matchAll(/^# .+$/gm)];
  if (titles.length !== 1 || !/^(<!--[\s\S]*?-->\s*)?# /.test(text)) {
    findings.push({ file: path, line: 1, says: "a document begins with its one title (# ...)" });
  }
  for (const match of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    const target = match[1] ?? "";
    if (/^[a-z]+:/.test(target) || target.startsWith("#")) continue;
    const file = normalize(join(dirname(path), decodeURI(target.replace(/#.*/, ""))));
    if (!existsSync(file)) {
      findings.push({ file: path, line: lineAt(text, match.index), says: `dead link: ${target}` });
    }
  }
  return findings;
}

/** Blanks out code, keeping positions: what stands in it is neither title nor link. */
function withoutCode(text: string): string {
  const blank = (code: string): string => code.replace(/[^\n]/g, " ");
  return text.replace(/^```[\s\S]*?^```$/gm, blank).replace(/`[^`\n]+`/g, blank);
}

/**
 * Checks that every document a file names is in the repository. `known` holds the base names of all
 * its markdown files; those of docs/manual/ are generated.
 */
export function checkMentions({ path, text }: TextFile, known: ReadonlySet<string>): Finding[] {
  return [...text.matchAll(/\b[\w-]+(?:\/[\w-]+)*\.md\b/g)]
    .filter(([name]) => !known.has(basename(name)) && !name.startsWith("docs/manual/"))
    .map((match) => ({
      file: path,
      line: lineAt(text, match.index),
      says: `${match[0]} is not a document of this repository`,
    }));
}

/** Checks that ARCHITECTURE.md has the rooms of rooms.mjs, and lists every decision record. */
export function checkArchitecture({ path, text }: TextFile): Finding[] {
  const findings: Finding[] = [];
  const say = (says: string): void => void findings.push({ file: path, line: 0, says });
  const described = roomsTable(text);
  for (const [room, mayImport] of Object.entries(rooms)) {
    const row = described.get(room);
    if (row === undefined) say(`the table of rooms lacks ${room}`);
    else if (row.join(" ") !== [...mayImport].join(" ")) {
      say(`${room} may import "${mayImport.join(" ")}" by rooms.mjs, "${row.join(" ")}" here`);
    }
  }
  for (const room of described.keys()) {
    if (!(room in rooms)) say(`the table of rooms has ${room}, which rooms.mjs does not`);
  }
  for (const record of readdirSync("docs/decisions")) {
    if (!text.includes(`docs/decisions/${record}`)) say(`the index of decisions lacks ${record}`);
  }
  return findings;
}

/** Reads the rows "| room | job | may import |"; "-" stands for nothing. */
function roomsTable(text: string): Map<string, string[]> {
  const table = new Map<string, string[]>();
  const [, body = ""] = text.split(/^\| room \| job \| may import \|\n\|[-| ]+\|\n/m);
  for (const row of body.split("\n")) {
    const cells = row.split("|").map((cell) => cell.trim());
    if (cells.length !== 5) break;
    const [, room = "", , mayImport = ""] = cells;
    table.set(room.replaceAll("`", ""), mayImport === "-" ? [] : mayImport.split(" "));
  }
  return table;
}

/** Checks that every folder of src/ is a room, and that every room with code has tests. */
export function checkFolders(codePaths: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const found = new Set(codePaths.map((path) => /^src\/([^/]+)\//.exec(path)?.[1]));
  for (const path of codePaths.filter((path) => /^src\/[^/]+$/.test(path))) {
    findings.push({ file: path, line: 0, says: "every file of src/ is in a room" });
  }
  for (const room of found) {
    if (room === undefined) continue;
    if (!(room in rooms)) {
      findings.push({ file: `src/${room}`, line: 0, says: "this room is not in rooms.mjs" });
    }
    if (!codePaths.some((path) => path.startsWith(`test/${room}/`))) {
      findings.push({ file: `src/${room}`, line: 0, says: `no tests: test/${room}/ has none` });
    }
  }
  return findings;
}
