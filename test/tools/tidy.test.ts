// Pins that the tidy check finds each thing it is there for, and leaves tidy files alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCode } from "../../tools/tidy/code.ts";
import { checkMarkdown, checkMentions } from "../../tools/tidy/documents.ts";
import { checkWords } from "../../tools/tidy/words.ts";

const tidyFile = `// What this is.

/** Returns one. */
export function one(): number {
  return two;
}

/** Two numbers. */
export const two = 2;
export const three = 3;
`;

const many = Array.from({ length: 7 }, (_, at) => `p${at}: number`).join(", ");

const untidy: [what: string, path: string, text: string, expected: RegExp][] = [
  ["a missing header", "src/fs/a.ts", "/** One. */\nexport const one = 1;\n", /begin the file/],
  ["a room's sign of one line", "src/fs/index.ts", "// fs.\n", /room's sign/],
  [
    "an export without docstring",
    "src/fs/a.ts",
    "// A.\nexport const one = 1;\n",
    /give one a doc/,
  ],
  ["a constant after a blank line", "src/fs/a.ts", `${tidyFile}\nexport const b = 1;`, /give b/],
  ["too many lines", "src/fs/a.ts", `// A.\n${"\n".repeat(301)}`, /302 lines/],
  ["too many parameters", "src/fs/a.ts", `// A.\nfunction f(${many}) {}\n`, /7 parameters/],
  ["a door left open", "src/fs/index.ts", '// A.\n// B.\n// C.\nexport * from "./a.ts";\n', /\*/],
  ["an unowned TODO", "src/fs/a.ts", "// A.\n// TODO later\n", /TODO/],
  ["a FIXME", "README.md", "# A\n\nFIXME\n", /FIXME/],
  ["a silent cast", "src/fs/a.ts", "// A.\nconst a = 1 as unknown as string;\n", /cast/],
  ["an empty name", "src/fs/utils.ts", "// A.\n", /after what it holds/],
  ["an empty folder name", "test/helpers/a.test.ts", "// A.\n", /after what it holds/],
  ["an error that says nothing", "src/fs/a.ts", '// A.\nthrow "Failed to open";\n', /Cannot/],
  ["a path of one machine", "docs/a.md", "# A\n\nsee /home/me/x\n", /one machine/],
  ["two titles", "docs/a.md", "# A\n\n# B\n", /one title/],
  ["no title", "docs/a.md", "A\n", /one title/],
  ["a dead link", "docs/a.md", "# A\n\n[x](nowhere.md)\n", /dead link/],
  ["a document that is elsewhere", "src/fs/a.ts", "// See elsewhere.md.\n", /not a document/],
];

for (const [what, path, text, expected] of untidy) {
  test(`${what} is found`, () => {
    const found = check(path, text);
    assert.ok(
      found.some((says) => expected.test(says)),
      `${JSON.stringify(found)} does not match ${expected}`,
    );
  });
}

test("a tidy file passes", () => {
  assert.deepEqual(check("src/fs/a.ts", tidyFile), []);
});

test("what stands in code is neither title nor link", () => {
  assert.deepEqual(check("docs/a.md", "# A\n\n```sh\n# no [x](y)\n```\n\n`[x](y)`\n"), []);
});

test("a hot loop may have many parameters, a table many lines", () => {
  const hot = `// A.\n\n/** A hot loop. */\nfunction f(${many}) {}\n`;
  assert.deepEqual(check("src/fs/a.ts", hot), []);
  assert.deepEqual(check("src/fs/a.ts", `// This file is a table.\n${"\n".repeat(400)}`), []);
});

function check(path: string, text: string): string[] {
  const file = { path, text };
  const found = path.endsWith(".md") ? checkMarkdown(file) : checkCode(file);
  return [...found, ...checkWords(file), ...checkMentions(file, new Set())].map(({ says }) => says);
}
