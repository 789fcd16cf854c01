// Pins that a run after one whose line broke sends nothing again that had come and was verified: neither small files, which
// have their names, nor what of a large file lies where unfinished ones wait.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  assertSameTree,
  noise,
  readTree,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { type Line, runStreams, type Way } from "./stream-lines.ts";

const mebi = 1024 * 1024;
const largeBytes = 48 * mebi;
const smallBytes = 8192;
const smallCount = 400;
/** Bytes over the line after which it breaks. */
const after = 36 * mebi;
/** The listings, what is told of a file, and the sums of the blocks of what is there. */
const besidesBytes = 600 * 1024;

function makeLarge(folder: TemporaryFolder): void {
  writeFileSync(folder.at("source/large"), noise(1, largeBytes));
}

function makeSource(folder: TemporaryFolder): void {
  mkdirSync(folder.at("source/small"), { recursive: true });
  mkdirSync(folder.at("target"));
  makeLarge(folder);
  const bytes = noise(2, smallBytes * smallCount);
  for (let n = 0; n < smallCount; n++) {
    const part = bytes.subarray(n * smallBytes, (n + 1) * smallBytes);
    writeFileSync(folder.at(`source/small/${n}`), part);
  }
}

/** Bytes of what is there of the large file. */
function unfinishedBytes(folder: string): number {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0);
}

const sum = (lines: readonly Line[]): number => lines.reduce((all, { bytes }) => all + bytes, 0);
const ways: readonly Way[] = sampled(["pull", "push"] as const);

for (const way of ways) {
  describe(`a run after one whose line broke (${way})`, () => {
    for (const [words, place] of sampled(
      [
        [[], "target/.manifold/partial"],
        [["--partial-dir=kept"], "target/kept"],
        [["--partial"], "target/.manifold/partial"],
      ] as const,
      3,
      way === "pull" ? 0 : 1,
    )) {
      it(`sends nothing again that had come (${words.join(" ") || "no options"})`, async () => {
        using folder = temporaryFolder();
        makeSource(folder);
        const loss = { line: 0, after, kind: "cut" } as const;
        const first = await runStreams(folder, { way, streams: 1, loss }, words);
        assert.equal(first.end.exit, 12, first.end.stderr);
        const large = unfinishedBytes(folder.at(place));
        const small = existsSync(folder.at("target/small"))
          ? readdirSync(folder.at("target/small")).length
          : 0;
        assert.ok(large > after / 2, `${large} bytes of the large file were kept`);
        const second = await runStreams(folder, { way, streams: 1 }, words);
        assert.equal(second.end.exit, 0, second.end.stderr);
        assertSameTree(readTree(folder.at("source")), folder.at("target"));
        assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
        const missing = largeBytes - large + (smallCount - small) * smallBytes;
        const sent = sum(second.lines);
        assert.ok(
          sent < missing + besidesBytes,
          `${sent} bytes were sent, ${missing} were missing`,
        );
      });
    }
  });
}

/** Files below a folder, with their sizes. */
function filesBelow(folder: string): { readonly path: string; readonly size: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => ({ path, stat: statSync(`${folder}/${path}`) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ path, stat }) => ({ path, size: stat.size }));
}

describe("a run after one whose target's end was killed", () => {
  const loss = { line: 0, after, kind: "kill" } as const;

  it("goes on with what that had written of a large file", async () => {
    using folder = temporaryFolder();
    makeSource(folder);
    const first = await runStreams(folder, { way: "push", streams: 1, loss });
    assert.notEqual(first.end.exit, 0);
    const staged = filesBelow(folder.at("target/.manifold")).filter(({ path }) =>
      /^job-[^/]+\/unfinished\.[0-9a-f]{32}\./.test(path),
    );
    const large = staged.reduce((all, { size }) => all + size, 0);
    assert.ok(large > after / 2, `${large} bytes of the large file were written`);
    const second = await runStreams(folder, { way: "push", streams: 1 });
    assert.equal(second.end.exit, 0, second.end.stderr);
    assertSameTree(readTree(folder.at("source")), folder.at("target"));
    assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
    const missing = largeBytes - large + smallCount * smallBytes;
    assert.ok(sum(second.lines) < missing + besidesBytes, `${sum(second.lines)} of ${missing}`);
  });

  it("keeps nothing that the source has no more, nor anything with --no-partial", async () => {
    using folder = temporaryFolder();
    makeSource(folder);
    await runStreams(folder, { way: "push", streams: 1, loss });
    rmSync(folder.at("source/large"));
    assert.ok(filesBelow(folder.at("target/.manifold")).length > 0);
    const second = await runStreams(folder, { way: "push", streams: 1 });
    assert.equal(second.end.exit, 0, second.end.stderr);
    assertSameTree(readTree(folder.at("source")), folder.at("target"));
    assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
    makeLarge(folder);
    const cut = { ...loss, kind: "cut" } as const;
    const third = await runStreams(folder, { way: "push", streams: 1, loss: cut }, [
      "--no-partial",
    ]);
    assert.notEqual(third.end.exit, 0);
    assert.deepEqual(filesBelow(folder.at("target/.manifold")), []);
  });
});
