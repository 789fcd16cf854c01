// Pins what people see of a run on a real terminal: a live line that never lies about the totals,
// never wraps, and is gone when the run ends, however it ends.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { terminalRows } from "./output/terminal-screen.ts";
import { runOnTerminal, withoutTerminal } from "./pseudo-terminal.ts";

const skip = withoutTerminal();
const directories = 30;
const filesEach = 5;
const fileBytes = 20_000;
const files = directories * filesEach;

/** A tree whose directories cannot all be known when its first file is copied. */
function writeSource(path: string): void {
  for (let d = 0; d < directories; d++) {
    const folder = `${path}/d${d % 5}/e${d}`;
    mkdirSync(folder, { recursive: true });
    for (let f = 0; f < filesEach; f++)
      writeFileSync(`${folder}/f${f}`, Buffer.alloc(fileBytes, f));
  }
}

/** The states of the live line, one after another. */
function frames(drawn: string): string[] {
  return drawn.split(/[\r\n]+/).filter((frame) => /files/.test(frame));
}

test("a percentage is of all there is to do, and never goes backwards", { skip }, async () => {
  using folder = temporaryFolder();
  writeSource(folder.at("src"));
  const { drawn, exit } = await runOnTerminal({
    cwd: folder.path,
    argv: ["--bwlimit=2M", "src/", "dst/"],
    columns: 100,
  });
  assert.equal(exit, 0);
  const states = frames(drawn);
  const told = states.filter((frame) => frame.includes("%"));
  assert.ok(told.length > 0, drawn);
  let before = 0;
  for (const frame of told) {
    const match = /^ *(\d+)% {2}\d+ of (\d+) files {2}.* of ([\d.]+ MB) /.exec(frame);
    assert.equal(match?.[2], String(files), frame);
    assert.equal(match?.[3], `${((files * fileBytes) / 1e6).toFixed(2)} MB`, frame);
    const percent = Number(match?.[1]);
    assert.ok(percent >= before, frame);
    before = percent;
  }
  for (const frame of states) {
    if (!frame.includes("%")) assert.match(frame, /at least/);
  }
  const rows = terminalRows(drawn, 100).filter((row) => row !== "");
  assert.equal(rows.length, 1, "the live line is gone");
  assert.match(
    rows[0] ?? "",
    /^186 entries, 3.00 MB: 186 created in [\d.]+ s \([\d.]+ [kM]B\/s\)$/,
  );
});

test("on a narrow terminal the live line does not wrap", { skip }, async () => {
  using folder = temporaryFolder();
  writeSource(folder.at("src"));
  const { drawn } = await runOnTerminal({
    cwd: folder.path,
    argv: ["--bwlimit=4M", "src/", "dst/"],
    columns: 20,
  });
  const live = drawn.slice(0, drawn.lastIndexOf("\r186 entries") + 1);
  assert.ok(live.includes("%"), drawn);
  assert.deepEqual(
    terminalRows(live, 20).filter((row) => row !== ""),
    [],
  );
});

test("Ctrl-C in the middle of the live line leaves one line that says so", { skip }, async () => {
  using folder = temporaryFolder();
  writeSource(folder.at("src"));
  let isTyped = false;
  const { drawn, exit } = await runOnTerminal({
    cwd: folder.path,
    argv: ["--bwlimit=1M", "src/", "dst/"],
    columns: 80,
    type: (shown) => {
      if (isTyped || !shown.includes("%")) return "";
      isTyped = true;
      return "\x03";
    },
  });
  assert.equal(exit, 20);
  const rows = terminalRows(drawn, 80).filter((row) => row !== "");
  assert.deepEqual(rows, ["manifold: stopped by SIGINT (exit 20)"]);
});
