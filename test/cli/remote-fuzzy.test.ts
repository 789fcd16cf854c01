// --fuzzy with an end on another machine: of a new file that has a former version in its directory only what is new is
// sent, whatever size it has; files that the run changes itself are no former versions.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../src/base/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");
const random = seededRandom(7);

function noise(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  for (let i = 0; i + 4 <= bytes; i += 4) made.writeUInt32LE(random.uint32(), i);
  return made;
}

/** One within a message, one in pieces, and one whose former version the run replaces. */
function scene(path: string): number {
  for (const name of ["src", "dst"]) mkdirSync(`${path}/${name}`, { recursive: true });
  let bytes = 0;
  for (const [name, size] of [
    ["note", 60_000],
    ["image", 5_000_000],
  ] as const) {
    const former = noise(size);
    const next = Buffer.concat([
      former.subarray(0, 5000),
      Buffer.from("new"),
      former.subarray(5000),
    ]);
    writeFileSync(`${path}/dst/${name}-1.0.bin`, former);
    writeFileSync(`${path}/src/${name}-1.1.bin`, next);
    bytes += next.length;
  }
  writeFileSync(`${path}/dst/log-1.txt`, noise(50_000));
  writeFileSync(`${path}/src/log-1.txt`, noise(50_001));
  writeFileSync(`${path}/src/log-2.txt`, readFileSync(`${path}/dst/log-1.txt`));
  return bytes;
}

function run(folder: TemporaryFolder, way: "push" | "pull", at: string, flags: readonly string[]) {
  const shell = folder.at("shell");
  writeFileSync(shell, '#!/bin/sh\nshift\neval "exec $*"\n');
  chmodSync(shell, 0o755);
  const [from, to] = [`${folder.at(at)}/src/`, `${folder.at(at)}/dst/`];
  const places = way === "pull" ? [`h:${from}`, to] : [from, `h:${to}`];
  const words = ["--no-detect-renamed", "--stats", ...flags];
  const ran = runOurs(
    "manifold",
    ["sync", ...words, "-e", shell, `--remote-path=${program}`, ...places],
    { cwd: folder.path },
  );
  assert.equal(ran.exit, 0, ran.stderr);
  for (const name of ["note-1.1.bin", "image-1.1.bin", "log-1.txt", "log-2.txt"]) {
    assert.deepEqual(readFileSync(`${to}${name}`), readFileSync(`${from}${name}`), name);
  }
  const matched = ran.lines.find((line) => line.startsWith("Matched data: ")) ?? "";
  return Number(matched.replace(/\D/g, ""));
}

for (const way of ["push", "pull"] as const) {
  test(`what a former version has is not sent again: ${way}`, async () => {
    await using folder = temporaryFolder();
    const bytes = scene(folder.at("with"));
    const matched = run(folder, way, "with", ["--fuzzy"]);
    assert.ok(matched > bytes * 0.95 && matched < bytes, `matched ${matched} of ${bytes}`);
    scene(folder.at("without"));
    assert.equal(run(folder, way, "without", []), 0);
    if (way === "push") return;
    scene(folder.at("whole"));
    assert.equal(run(folder, way, "whole", ["--fuzzy", "--whole-file"]), 0);
  });
}
