// A real rsync client whose other end is ours: a server over a remote shell. Trees, lines and exit status are held against those of
// two ends of rsync.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertSameTree, readTree, sampled, temporaryFolder } from "../support/index.ts";
import { rsyncPlace } from "./rsync-daemon.ts";
import { linesOf, makeTrees } from "./rsync-scene.ts";

const program = join(import.meta.dirname, "..", "..", "manifold-rsync");

const rows: readonly string[] = [
  "-ai --delete",
  "-aiz --delete --no-whole-file --cc=md4",
  "-aizz --protocol=30",
  "-ai --zc=zlib --no-whole-file",
  "-ai --delete --protocol=30",
  "-ai --delete --protocol=31 --no-inc-recursive",
  "-aHAi --delete",
  "-aci --cc=xxh64,md4",
  "-aiI --no-whole-file --zc=lz4 --inplace --cc=xxh3",
  "-ani --delete-after",
  "-ai --exclude=large --include=mid* --exclude=tops/* --delete",
  "-ai --delete-excluded --filter=-_small",
  "-ai --backup --backup-dir=../saved",
  "-rlti --size-only",
  "-ai --numeric-ids --existing",
  "-ai --ignore-existing --max-size=100K",
  "-dlti",
  "-rlti -s",
  "-a --stats --delete",
  "-aX --delete",
  "-aHAXX --protocol=30",
  "-ai --append",
  "-ai --append-verify --exclude=large --exclude=middle --exclude=other-name",
  "-aim --delete",
  "-aW --stats --copy-dest=../../src",
];

describe("a server for rsync's clients", () => {
  for (const row of sampled(rows, 6)) {
    for (const way of ["pull", "push"] as const) {
      it(`does what rsync does: ${way} ${row}`, async () => {
        await using folder = temporaryFolder();
        const at = (name: string): string => join(folder.path, name);
        makeTrees(at, row);
        const { shell } = rsyncPlace(folder.path, at("src"));
        const told = (["rsync", "ours"] as const).map((who) => {
          mkdirSync(at(who));
          spawnSync("cp", ["-a", at("before"), at(`${who}/to`)]);
          const ends =
            way === "pull"
              ? [`there:${at("src")}/`, `${who}/to/`]
              : ["src/", `there:${at(`${who}/to`)}/`];
          const path = who === "ours" ? [`--rsync-path=${program}`] : [];
          const options = row.split(" ").map((word) => word.replace("_", " "));
          const argv = [...options, `--rsh=${shell}`, ...path, ...ends];
          return spawnSync("rsync", argv, {
            cwd: folder.path,
            encoding: "latin1",
            timeout: 60_000,
          });
        });
        const [rsync, ours] = told as [(typeof told)[0], (typeof told)[0]];
        assert.deepEqual([ours.status, ours.stderr], [rsync.status, rsync.stderr]);
        assert.deepEqual(linesOf(ours.stdout, row), linesOf(rsync.stdout, row));
        assertSameTree(readTree(at("rsync/to")), at("ours/to"));
      });
    }
  }

  it("sends a client more entries than lists may be ahead of it", async () => {
    await using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    // What lists may be ahead is 10,000 entries: these directories are surveyed while the first one, which is deep, still is.
    mkdirSync(at(`src/0-deep${"/x".repeat(16)}`), { recursive: true });
    for (let directory = 1; directory <= 4; directory++) {
      mkdirSync(at(`src/${directory}`));
      for (let file = 0; file < 3000; file++) {
        closeSync(openSync(at(`src/${directory}/${file}`), "w"));
      }
    }
    const { shell } = rsyncPlace(folder.path, at("src"));
    mkdirSync(at("to"));
    const ends = [`there:${at("src")}/`, "to/"];
    const argv = ["-rn", "--stats", `--rsh=${shell}`, `--rsync-path=${program}`, ...ends];
    const ran = spawnSync("rsync", argv, { cwd: folder.path, encoding: "latin1", timeout: 30_000 });
    assert.deepEqual([ran.status, ran.stderr], [0, ""]);
    assert.match(ran.stdout, /Number of regular files transferred: 12,000/);
  });
});
