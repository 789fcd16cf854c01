// The documents that are printed from tables in the code: the option table of README.md, the
// options and the exit codes of the manual. `node --import tsx tools/gen-docs.ts` says which of them
// are out of date and exits 1; with --write (npm run docs) it brings them up to date.

import { readFileSync, writeFileSync } from "node:fs";
import { errorTable } from "../src/base/index.ts";
import * as options from "../src/options/index.ts";
import { formatErrors, formatOptions, formatOptionTable, type OptionRow } from "./docs/format.ts";

process.chdir(new URL("..", import.meta.url).pathname);

const generated = new Map<string, string>();
generated.set("docs/manual/exit-codes.md", formatErrors(errorTable));
const rows = optionRows();
if (rows !== undefined) {
  generated.set("docs/manual/options.md", formatOptions(rows));
  generated.set("README.md", withTable(readFileSync("README.md", "utf8"), formatOptionTable(rows)));
}

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

/** Returns the flag table in the order of the help, undefined while there is none. */
function optionRows(): readonly OptionRow[] | undefined {
  return (options as { readonly flags?: readonly OptionRow[] }).flags;
}

/** Returns the text with the table between its two marks. */
function withTable(text: string, table: string): string {
  const [before, rest] = text.split(/(?<=<!-- options-table -->\n)/);
  const [, after] = (rest ?? "").split(/(?=<!-- \/options-table -->)/);
  if (before === undefined || after === undefined) {
    throw new Error("README.md lacks the marks <!-- options-table --> and <!-- /options-table -->");
  }
  return `${before}${table}${after}`;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
