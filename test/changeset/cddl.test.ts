// Pins the schema: what this build writes matches docs/design/changeset.cddl in the eyes of a reader
// that shares no code with it (validate.py, in Python), and what a Python program of a few lines
// makes by hand is read.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { temporaryFolder } from "../support/index.ts";
import { changesetArbitrary, listingArbitrary } from "./arbitrary.ts";
import { examples } from "./examples.ts";
import { bytesOf, valuesOf } from "./sample.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const schema = here("../../docs/design/changeset.cddl");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const numRuns = process.env.MANIFOLD_LONG ? 1000 : 60;

function needsPython(t: TestContext): boolean {
  if (!hasPython) t.skip("python3 is not installed");
  return hasPython;
}

function validate(files: readonly string[]): { status: number | null; output: string } {
  const args = [here("validate.py"), schema, "item", ...files];
  const { status, stdout, stderr } = spawnSync("python3", args, { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

test("what is written matches the schema", async (t) => {
  if (!needsPython(t)) return;
  await using folder = temporaryFolder();
  const values = [
    ...examples.map(({ value }) => value),
    ...fc.sample(changesetArbitrary, { numRuns, seed: 1 }),
    ...fc.sample(listingArbitrary, { numRuns, seed: 2 }),
  ];
  mkdirSync(join(folder.path, "files"));
  const files = values.map((value, n) => {
    const file = join(folder.path, "files", String(n));
    writeFileSync(file, bytesOf(value));
    return file;
  });
  const { status, output } = validate(files);
  assert.equal(
    status,
    0,
    output
      .split("\n")
      .filter((line) => !line.endsWith("items"))
      .join("\n"),
  );
  assert.equal(output.trim().split("\n").length, files.length);
});

test("the schema refuses what is wrong, so that the test above can fail", async (t) => {
  if (!needsPython(t)) return;
  await using folder = temporaryFolder();
  const bytes = Buffer.from(bytesOf((examples[1] as (typeof examples)[number]).value));
  // The mode's key becomes 17, which no state has.
  const at = bytes.indexOf("a3001981a4", 0, "hex");
  assert.ok(at > 0);
  bytes[at + 1] = 0x11;
  const file = join(folder.path, "bad");
  writeFileSync(file, bytes);
  const { status, output } = validate([file]);
  assert.equal(status, 1);
  assert.match(output, /item 2/);
});

test("a changeset made by hand in Python is read", async (t) => {
  if (!needsPython(t)) return;
  await using folder = temporaryFolder();
  const file = join(folder.path, "made");
  const { status, stderr } = spawnSync("python3", [here("make-changeset.py"), file], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const [header, directory, data] = valuesOf(readFileSync(file)) as [
    { hasData: boolean },
    { orders: { name: string; after: unknown }[] },
    { digest: Uint8Array },
  ];
  assert.equal(header.hasData, true);
  assert.deepEqual(directory.orders, [
    { kind: 1, name: "greeting", after: { mode: 0o100644, size: 18, mtime: 1_700_000_000 } },
  ]);
  const digest = createHash("sha256").update("hello from Python\n").digest();
  assert.deepEqual(Buffer.from(data.digest), digest);
  assert.equal(validate([file]).status, 0);
});
