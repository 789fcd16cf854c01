// Pins the examples of docs/design/changeset.md: they are what this build writes, and read as what
// stands beside them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { examples, formatExamples } from "./examples.ts";
import { bytesOf, valuesOf } from "./sample.ts";

const page = readFileSync(new URL("../../docs/design/changeset.md", import.meta.url), "utf8");
const [, part] = /<!-- examples -->\n\n([\s\S]*?)\n<!-- \/examples -->/.exec(page) ?? [];

test("the page has the examples as this build writes them", () => {
  assert.equal(part, formatExamples(), "npx tsx test/changeset/examples.ts prints them");
});

test("every example of the page is read as its value", () => {
  const blocks = [...page.matchAll(/^```\n([0-9a-f\n]+)\n```$/gm)].map(([, hex]) =>
    Buffer.from((hex ?? "").replaceAll("\n", ""), "hex"),
  );
  assert.equal(blocks.length, examples.length);
  examples.forEach(({ value }, n) => {
    const [header, ...records] = valuesOf(blocks[n] as Uint8Array);
    records.pop();
    assert.deepEqual(header, value.header);
    assert.deepEqual(records, value.records);
    assert.deepEqual(Buffer.from(bytesOf(value)), blocks[n]);
  });
});
