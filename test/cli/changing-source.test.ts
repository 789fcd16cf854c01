// Pins what becomes of a large file of another machine that changes while it comes in pieces: the target has one state of it,
// whole, or what it had before, which is told; the next run completes.

import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { sampled, type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { runStreams, type Way } from "./stream-lines.ts";

const mebi = 1024 * 1024;
const largeBytes = 40 * mebi;
/** Less than is asked for at once has come; more of it is still to be read. */
const after = 6 * mebi;
const ways: readonly Way[] = ["pull", "push"];
const before = Buffer.alloc(largeBytes, "what the file was before. ");
const later = Buffer.alloc(largeBytes, "what the file is from now on, ");

type Change = (folder: TemporaryFolder) => void;

const changes: Readonly<Record<string, Change>> = {
  "is written over": (folder) => {
    writeFileSync(folder.at("source/large"), later);
    utimesSync(folder.at("source/large"), 1.6e9, 1.6e9);
  },
  "is replaced": (folder) => {
    writeFileSync(folder.at("new"), later);
    renameSync(folder.at("new"), folder.at("source/large"));
  },
  grows: (folder) => appendFileSync(folder.at("source/large"), "and more"),
  shrinks: (folder) => truncateSync(folder.at("source/large"), largeBytes / 2 + 5),
  goes: (folder) => rmSync(folder.at("source/large")),
};

for (const way of ways) {
  describe(`a large file that changes while it is sent (${way})`, () => {
    for (const [what, change] of sampled(Object.entries(changes), 2, way === "pull" ? 0 : 1)) {
      it(what, async () => {
        using folder = temporaryFolder();
        mkdirSync(folder.at("source"));
        mkdirSync(folder.at("target"));
        writeFileSync(folder.at("source/large"), before);
        writeFileSync(folder.at("target/large"), "the old file");
        const loss = { line: 0, after, kind: () => change(folder) };
        const { end } = await runStreams(folder, { way, streams: 1, loss }, ["--whole-file"]);
        assert.doesNotMatch(end.stderr, /\n\s+at |TypeError|RangeError|this is a bug/);
        const now = readFileSync(folder.at("target/large"));
        const path = folder.at("source/large");
        const source = existsSync(path) ? readFileSync(path) : undefined;
        if (end.exit === 0)
          assert.ok(source !== undefined && now.equals(source), "it is that of now");
        else {
          assert.ok([23, 24].includes(end.exit ?? -1), `exit ${end.exit}: ${end.stderr}`);
          assert.match(end.stderr, /large/);
          assert.equal(now.toString(), "the old file");
        }
        assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
        if (source === undefined) {
          assert.notEqual(end.exit, 0);
          return;
        }
        const again = await runStreams(folder, { way, streams: 1 });
        assert.equal(again.end.exit, 0, again.end.stderr);
        assert.ok(readFileSync(folder.at("target/large")).equals(source));
      });
    }
  });
}
