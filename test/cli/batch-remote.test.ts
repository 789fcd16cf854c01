// Pins recordings of runs with another machine: --tee, --write-batch and --only-write-batch of a pull, a push and a
// run between two others record what a run on one machine records, into a file where the user is.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertSameTree,
  mutateTree,
  readTree,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { renameScenes, Side } from "./rename-scenes.ts";
import { type Ended, runOurs } from "./run-ours.ts";
import { ServeScene } from "./serve-scene.ts";
import { shown, stage } from "./stages.ts";

const seeds = process.env.MANIFOLD_LONG === "1" ? 12 : 1;
const program = join(import.meta.dirname, "..", "..", "manifold");

type Way = "pull" | "push" | "relay";
const ways: readonly Way[] = ["pull", "push", "relay"];

/** Runs a sync from SOURCE to TARGET, paths in the folder, with the other ends behind a shell that stays here. */
function remote(
  folder: TemporaryFolder,
  way: Way,
  argv: readonly string[],
  [source, target]: readonly [string, string],
): Ended {
  writeFileSync(folder.at("shell"), '#!/bin/sh\nshift\neval "exec $*"\n');
  chmodSync(folder.at("shell"), 0o755);
  const places = [
    `${way === "push" ? "" : "one:"}${folder.path}/${source}`,
    `${way === "pull" ? "" : "two:"}${folder.path}/${target}`,
  ];
  const connection = ["-e", folder.at("shell"), `--remote-path=${program}`];
  return runOurs("manifold", [...argv, ...connection, ...places], { cwd: folder.path });
}

/** Makes the trees src and, as changed versions of it, those of the names. */
function makeTrees(folder: TemporaryFolder, seed: number, names: readonly string[]): void {
  mkdirSync(folder.at("src"));
  writeTree(folder.at("src"), varietyTree(seed));
  const [first = "old", ...others] = names;
  spawnSync("cp", ["-a", folder.at("src"), folder.at(first)]);
  mutateTree(seed, folder.at(first), { changes: 25 });
  for (const name of others) spawnSync("cp", ["-a", folder.at(first), folder.at(name)]);
}

/** What a recording orders, without its numbers of bytes. */
function ordered(folder: TemporaryFolder, file: string): Record<string, unknown>[] {
  return shown(folder.path, readFileSync(folder.at(file))).filter(({ type }) => type !== "header");
}

describe("a run with another machine", () => {
  for (const way of sampled(ways)) {
    it(`(${way}) is recorded as one on this machine is, and its recording makes the same tree`, () => {
      for (let seed = 1; seed <= seeds; seed++) {
        using folder = temporaryFolder();
        makeTrees(folder, seed, ["near", "far", "other"]);
        // More than is under way at a time, and than a piece.
        writeFileSync(folder.at("src/large"), Buffer.alloc(9_000_000, "large"));
        const argv = ["-HAX", "--delete", "--force"];
        const near = runOurs("manifold", [...argv, "--tee=recorded near", "src/", "near/"], {
          cwd: folder.path,
        });
        assert.equal(near.exit, 0, near.stderr);
        const ended = remote(folder, way, [...argv, "--tee=recorded"], ["src/", "far/"]);
        assert.equal(ended.exit, 0, ended.stderr);
        assert.equal(ended.stderr, "");
        assertSameTree(readTree(folder.at("src")), folder.at("far"));
        assert.equal(statSync(folder.at("recorded")).mode & 0o777, 0o600);
        assert.deepEqual(ordered(folder, "recorded"), ordered(folder, "recorded near"));
        const recorded = readFileSync(folder.at("recorded"));
        const old = readTree(folder.at("other"));
        // Twice is once, and what undoes it restores all there was.
        for (const argv of [["--undo=undo"], []]) {
          stage(folder.path, ["receive", ...argv, "other"], recorded);
          assertSameTree(readTree(folder.at("src")), folder.at("other"));
        }
        stage(folder.path, ["receive", "other"], readFileSync(folder.at("undo")));
        assertSameTree(old, folder.at("other"));
      }
    });

    it(`(${way}) is recorded with what moved, which the target's end tells digests of`, () => {
      for (const scene of sampled(renameScenes, 15, ways.indexOf(way))) {
        using folder = temporaryFolder();
        mkdirSync(folder.at("src"));
        const side = new Side(folder.at("src"));
        scene.before(side);
        for (const name of ["far", "other"]) {
          spawnSync("cp", ["-a", folder.at("src"), folder.at(name)]);
        }
        scene.change(side);
        const ended = remote(folder, way, ["--delete", "--tee=recorded"], ["src/", "far/"]);
        assert.equal(ended.exit, 0, ended.stderr);
        const records = shown(folder.path, readFileSync(folder.at("recorded")));
        const moves = records.filter(({ order }) => order === "MOVE").length;
        const { literal } = (records.at(-1) as { totals: { literal: number } }).totals;
        assert.deepEqual({ moves, literal }, { moves: scene.found, literal: scene.literal });
        stage(folder.path, ["receive", "other"], readFileSync(folder.at("recorded")));
        assertSameTree(readTree(folder.at("src")), folder.at("other"));
      }
    });

    it(`(${way}) can be recorded without being done, and the script does it`, () => {
      using folder = temporaryFolder();
      makeTrees(folder, 2, ["far"]);
      const before = readTree(folder.at("far"));
      const keeps = ["--delete", "--force", "--remove-source-files"];
      const argv = ["-iHAX", ...keeps, "--only-write-batch=batch"];
      const ended = remote(folder, way, argv, ["src/", "far/"]);
      assert.equal(ended.exit, 0, ended.stderr);
      assertSameTree(before, folder.at("far"));
      assert.notEqual(ended.stdout, "");
      for (const name of ["far", "far"]) {
        const replayed = spawnSync("sh", ["batch.sh", name], { cwd: folder.path });
        assert.equal(replayed.status, 0, `${replayed.stderr}`);
      }
      assertSameTree(readTree(folder.at("src")), folder.at("far"));
    });

    it(`(${way}) is recorded under the names that the target gives`, () => {
      const cases: readonly (readonly [string[], string, string, (at: string) => void])[] = [
        [[], "src/one", "far/renamed", (at) => assert.ok(existsSync(`${at}/renamed`))],
        [["-R"], "src/./deep/er", "far/", (at) => assert.ok(existsSync(`${at}/deep/er/two`))],
        [["--files-from=list"], "src/", "far/", (at) => assert.ok(existsSync(`${at}/deep/er/two`))],
        [[], "src", "far/new", (at) => assert.ok(existsSync(`${at}/new/src/one`))],
        [["--exclude=er"], "src/deep", "far/", (at) => assert.ok(!existsSync(`${at}/deep/er`))],
        [["-c"], "src/", "same/", (at) => assert.equal(readFileSync(`${at}/one`, "utf8"), "one")],
      ];
      const shared = cases.filter((_, i) => seeds > 1 || i % 3 === ways.indexOf(way));
      for (const [argv, source, target, check] of shared) {
        using folder = temporaryFolder();
        mkdirSync(folder.at("src/deep/er"), { recursive: true });
        writeFileSync(folder.at("src/one"), "one");
        writeFileSync(folder.at("src/deep/er/two"), "two");
        writeFileSync(folder.at("list"), "deep/er/two\n");
        for (const name of ["far", "same"]) mkdirSync(folder.at(name));
        writeFileSync(folder.at("same/one"), "one");
        utimesSync(folder.at("same/one"), 1e9, 1e9);
        const ended = remote(folder, way, [...argv, "--only-write-batch=batch"], [source, target]);
        assert.equal(ended.exit, 0, ended.stderr);
        const place = target.replace(/renamed$/, "");
        const replay = ["--read-batch=batch", place];
        const replayed = runOurs("manifold", ["sync", ...replay], { cwd: folder.path });
        assert.equal(replayed.exit, 0, `${argv} ${source}: ${replayed.stderr}`);
        check(folder.at(target.split("/")[0] as string));
        // Equal content is not recorded, whatever its time.
        if (argv[0] !== "-c") continue;
        const orders = ordered(folder, "batch").filter(({ path }) => path === "one");
        assert.deepEqual(
          orders.map(({ order }) => order),
          ["META"],
        );
      }
    });

    it(`(${way}) does not begin where its recording cannot be written`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      mkdirSync(folder.at("far"));
      writeFileSync(folder.at("src/file"), "file");
      const ended = remote(folder, way, ["--tee=no/such/place"], ["src/", "far/"]);
      assert.equal(ended.exit, 3, ended.stderr);
      assert.match(ended.stderr, /no\/such\/place.*No such file/);
      assert.equal(existsSync(folder.at("far/file")), false);
      const full = remote(folder, way, ["--tee=/dev/full"], ["src/", "far/"]);
      assert.equal(full.exit, 11, full.stderr);
      assert.equal(existsSync(folder.at("far/file")), false);
    });
  }

  it("is recorded from a module, which lets nothing outside of it be read", async () => {
    await using scene = await ServeScene.start("[data]\npath = DIR/data\nread only = no\n");
    const { folder } = scene;
    mkdirSync(folder.at("data/d"), { recursive: true });
    writeFileSync(folder.at("data/d/file"), "file");
    mkdirSync(folder.at("here"));
    const pulled = await scene.run(["--only-write-batch=pulled", scene.url("data/"), "here/"]);
    assert.equal(pulled.exit, 0, pulled.stderr);
    assert.equal(existsSync(folder.at("here/d")), false);
    mkdirSync(folder.at("data/copy"));
    const pushed = await scene.run(["--tee=pushed", "data/d/", scene.url("data/copy/")]);
    assert.equal(pushed.exit, 0, pushed.stderr);
    for (const [recording, file] of [
      ["pulled", "d/file"],
      ["pushed", "file"],
    ]) {
      mkdirSync(folder.at(`of ${recording}`));
      const bytes = readFileSync(folder.at(`${recording}`));
      stage(folder.path, ["receive", `of ${recording}`], bytes);
      assert.equal(readFileSync(folder.at(`of ${recording}/${file}`), "utf8"), "file");
    }
    symlinkSync("../home", folder.at("data/out"));
    const out = ["-L", "--only-write-batch=outside", scene.url("data/out/"), "here/"];
    const outside = await scene.run(out);
    assert.notEqual(outside.exit, 0);
    assert.ok(!existsSync(folder.at("outside")) || statSync(folder.at("outside")).size < 1000);
  });
});
