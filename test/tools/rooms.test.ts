// Pins that the room check really refuses what rooms.mjs forbids: a skeleton house is built with
// one violation of every rule, and each must be reported; the same house without them is clean.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";

const top = dirname(dirname(import.meta.dirname));

/** A house of three rooms in which everything is as it should be. */
const house = {
  "src/base/index.ts": 'export { one } from "./one.ts";',
  "src/base/one.ts": "export const one = 1;",
  "src/fs/index.ts": 'import "node:fs";\nexport { one } from "../base/index.ts";',
  "src/native/index.ts": 'import "koffi";\nexport { one } from "../base/index.ts";',
  "src/pipeline/index.ts": 'export { a } from "./scan/a.ts";\nexport { b } from "./diff/b.ts";',
  "src/pipeline/scan/a.ts": 'export { one as a } from "../../base/index.ts";',
  "src/pipeline/diff/b.ts": 'export { one as b } from "../../base/index.ts";',
  "test/fs/fs.test.ts": 'export { one } from "../../src/fs/index.ts";',
};

/** File to add, its text, and the rule that must refuse it. */
const violations: [file: string, text: string, rule: string][] = [
  ["src/base/up.ts", 'export { one } from "../fs/index.ts";', "room-base"],
  ["src/base/type.ts", 'export type { one } from "../fs/index.ts";', "room-base"],
  ["src/tree/files.ts", 'import "node:fs";', "door-fs|fs/promises"],
  ["src/tree/promises.ts", 'import "fs/promises";', "door-fs|fs/promises"],
  ["src/fs/thread.ts", 'import "node:worker_threads";', "door-worker_threads"],
  [
    "src/fs/spawn.ts",
    'import "node:child_process";',
    "door-child_process|net|tls|dgram|dns|http|https|http2|stream",
  ],
  ["src/fs/url.ts", 'import "node:url";', "door-unlisted"],
  ["src/fs/ffi.ts", 'import "koffi";', "package-koffi"],
  ["src/fs/lodash.ts", 'import "lodash";', "package-unlisted"],
  ["src/pipeline/scan/peek.ts", 'export { b } from "../diff/b.ts";', "strangers"],
  ["src/fs/deep.ts", 'export { one } from "../base/one.ts";', "front-door"],
  ["test/fs/deep.test.ts", 'export { one } from "../../src/base/one.ts";', "tests-front-door"],
  ["src/utils/any.ts", 'export { one } from "../base/index.ts";', "listed"],
  ["src/fs/x.ts", 'export { y } from "./y.ts";\nexport const x = 1;', "no-cycles"],
  ["src/fs/dead.ts", "export const dead = 1;", "no-orphans"],
  ["src/fs/lost.ts", 'import "./nowhere.ts";', "unresolved"],
  ["src/fs/tested.ts", 'import "../../test/fs/fs.test.ts";', "not-to-test"],
];

test("the room check accepts a house built by the table", () => {
  assert.deepEqual(check([]), []);
});

test("the room check reports a violation of every rule", () => {
  const otherHalf: [string, string] = ["src/fs/y.ts", 'export { x as y } from "./x.ts";'];
  const reported = check([
    ...violations.map(([file, text]): [string, string] => [file, text]),
    otherHalf,
  ]);
  for (const [file, , rule] of violations) {
    assert.ok(reported.includes(`${rule} ${file}`), `${rule} did not refuse ${file}: ${reported}`);
  }
});

/** Returns "rule file" for every violation in the house with the extra files. */
function check(extra: [file: string, text: string][]): string[] {
  using temporary = temporaryFolder();
  const folder = temporary.path;
  for (const [file, text] of [...Object.entries(house), ...extra]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  }
  for (const name of ["koffi", "lodash"]) {
    mkdirSync(join(folder, "node_modules", name), { recursive: true });
    writeFileSync(join(folder, "node_modules", name, "index.js"), "");
    writeFileSync(join(folder, "node_modules", name, "package.json"), `{ "name": "${name}" }`);
  }
  for (const name of [".dependency-cruiser.mjs", "rooms.mjs", "tsconfig.json", "package.json"]) {
    cpSync(join(top, name), join(folder, name));
  }
  symlinkSync(join(top, "node_modules/typescript"), join(folder, "node_modules/typescript"));
  const args = ["--config", ".dependency-cruiser.mjs", "--output-type", "json", "src", "test"];
  const depcruise = join(top, "node_modules/.bin/depcruise");
  const run = spawnSync(depcruise, args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 });
  assert.equal(run.stderr, "");
  const { violations } = JSON.parse(run.stdout).summary;
  return violations.map((found: Violation) => `${found.rule.name} ${found.from}`);
}

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}
