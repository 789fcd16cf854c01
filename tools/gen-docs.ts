// The documents that are printed from tables in the code: the option table of README.md, the
// options and the exit codes of the manual. `node --import tsx tools/gen-docs.ts` says which of them
// are out of date and exits 1; with --write (npm run docs) it brings them up to date.

import { readFileSync, writeFileSync } from "node:fs";
import { errorTable } from "../src/base/index.ts";
import { flags } from "../src/options/index.ts";
import { formatErrors, formatOptions, formatOptionTable } from "./docs/format.ts";

process.chdir(new URL("..", import.meta.url).pathname);

const generated = new Map<string, string>();
generated.set("docs/manual/exit-codes.md", formatErrors(errorTable));
generated.set("docs/manual/options.md", formatOptions(flags));
generated.set("README.md", withTable(readFileSync("README.md", "utf8"), formatOptionTable(flags)));

for (const [path, text] of generated) {
  if (read(path) === text) continue;
  if (process.argv.includes("--write")) {
    writeFileSync(path, text);
    console.log(`wrote ${path}`);
  } else {
    console.log(`${path} is out of date: npm run docs`);
    process.exitCode = 1;
  }
}

/** Returns the text with the table between its two marks. */
function withTable(text: string, table: string): string {
  const [opening, closing] = ["<!-- options-table -->\n", "<!-- /options-table -->"];
  const [start, end] = [text.indexOf(opening), text.indexOf(closing)];
  if (start < 0 || end < start) throw new Error(`README.md lacks ${opening} or ${closing}`);
  return text.slice(0, start + opening.length) + table + text.slice(end);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
