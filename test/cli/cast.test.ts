// `manifold cast` from the command line, to targets on this machine behind a remote shell that is none: every
// target ends like the source, by datagrams where the machine has multicast, else over its connection.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import {
  assertSameTree,
  Choice,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { program } from "./far-socket.ts";

const limitMs = 60_000;

/** Runs a cast to targets of these names; each is a directory of the folder. */
function cast(folder: TemporaryFolder, words: readonly string[]): { exit: number; out: string } {
  const shell = folder.at("shell");
  // The host, the program and its words; there is no option of ssh's in between.
  writeFileSync(shell, '#!/bin/sh\nshift\nexec "$@"\n');
  chmodSync(shell, 0o755);
  const argv = ["cast", "-e", shell, `--remote-path=${program}`, ...words];
  const ran = spawnSync(program, argv, { encoding: "utf8", timeout: limitMs, cwd: folder.path });
  return { exit: ran.status ?? -1, out: ran.stdout + ran.stderr };
}

function makeSource(folder: TemporaryFolder): void {
  const choice = new Choice(4);
  mkdirSync(folder.at("source/deep/er"), { recursive: true });
  writeFileSync(folder.at("source/large"), choice.bytes(700_000));
  writeFileSync(folder.at("source/deep/er/empty"), "");
  for (let n = 0; n < 20; n++) writeFileSync(folder.at(`source/deep/${n}`), choice.bytes(n * 300));
}

describe("manifold cast", () => {
  it("makes every target like the source, and what differs again, by datagrams or without", () => {
    using folder = temporaryFolder();
    makeSource(folder);
    const names = ["one", "two", "three"];
    const targets = `--targets=${names.map((name) => `${name}:${folder.at(name)}`).join(",")}`;
    const first = cast(folder, ["-v", "--debug=io", "source/", targets]);
    assert.equal(first.exit, 0, first.out);
    assert.match(first.out, /3 of 3 targets have everything/);
    for (const name of names) assert.match(first.out, new RegExp(`^${name}:\\S+: done$`, "m"));
    assert.doesNotMatch(first.out, /nothing to do/);
    assert.equal(/^datagram 0: (probe|data)/m.test(first.out), /in datagrams/.test(first.out));
    for (const name of names) assertSameTree(readTree(folder.at("source")), folder.at(name));
    // One target differs, and something goes: two streams, one of them to a single target.
    rmSync(folder.at("source/deep/7"));
    writeFileSync(folder.at("source/large"), "short now");
    rmSync(folder.at("two"), { recursive: true });
    // When something was read makes no difference.
    spawnSync("touch", ["-a", "-d", "2001-01-01", folder.at("three/deep/3")]);
    const second = cast(folder, ["--delete", "source/", targets]);
    assert.equal(second.exit, 0, second.out);
    assert.match(second.out, /two:\S+ +committed +0 bytes +[1-9]\S* kB +-/);
    const byDatagrams = /three:\S+ +committed +[1-9]/;
    assert.equal(byDatagrams.test(second.out), byDatagrams.test(first.out), second.out);
    for (const name of names) assertSameTree(readTree(folder.at("source")), folder.at(name));
  });

  it("sends content that several lack once, where targets differ", () => {
    using folder = temporaryFolder();
    makeSource(folder);
    // "own" has what nobody else has and lacks what the others have; "half" has some of what is new.
    const names = ["old", "own", "half"];
    const at = (path: string): string => folder.at(path);
    // Node's own copying rounds times.
    const copy = (from: string, to: string) => spawnSync("cp", ["-a", at(from), at(to)]);
    for (const name of names) copy("source", name);
    rmSync(at("own/deep/5"));
    writeFileSync(at("own/deep/mine"), "of nobody else");
    mkdirSync(at("own/apart"));
    writeFileSync(at("own/apart/x"), "neither");
    const choice = new Choice(8);
    for (const n of [9, 11, 13]) writeFileSync(at(`source/deep/${n}`), choice.bytes(90_000));
    writeFileSync(at("source/large"), choice.bytes(600_000));
    copy("source/deep/9", "half/deep/9");
    const targets = `--targets=${names.map((name) => `${name}:${at(name)}`).join(",")}`;
    const words = ["--delete", "--report=report", "source/", targets];
    const rehearsed = cast(folder, ["-n", ...words]);
    assert.match(rehearsed.out, /3 of 3 targets would be cast to, 87\d kB in all/);
    const { exit, out } = cast(folder, words);
    assert.equal(exit, 0, out);
    for (const name of names) assertSameTree(readTree(at("source")), at(name));
    const { stream, sent, targets: rows } = JSON.parse(readFileSync(at("report"), "utf8"));
    assert.ok(stream > 870_000 && stream < 880_000, `${stream} bytes`);
    type Row = { readonly multicastBytes: number; readonly unicastBytes: number };
    // Where this machine has no multicast, everybody gets everything over his connection.
    if (rows.some(({ multicastBytes }: Row) => multicastBytes < stream)) return;
    for (const { unicastBytes } of rows) assert.ok(unicastBytes < 10_000, out);
    assert.ok(sent < 1.2 * stream, `${sent} bytes sent of ${stream}`);
  });

  for (const differ of [false, true]) {
    const who = differ ? "targets that differ" : "targets";
    it(`sends of a large file that changed what not all ${who} have, whatever its size and time say`, () => {
      using folder = temporaryFolder();
      const at = (path: string): string => folder.at(path);
      const choice = new Choice(5);
      const old = choice.bytes(4_000_000);
      mkdirSync(at("source"));
      writeFileSync(at("source/image"), old);
      for (const name of ["one", "two"]) spawnSync("cp", ["-a", at("source"), at(name)]);
      // One has other bytes in the middle, and nobody can see it.
      const other = Buffer.from(old);
      other.fill(7, 2_000_000, 2_100_000);
      writeFileSync(at("two/image"), other);
      spawnSync("touch", ["-r", at("source/image"), at("two/image")]);
      spawnSync("touch", ["-r", at("source"), at("two")]);
      // And there are other differences.
      if (differ) writeFileSync(at("one/own"), "of nobody else");
      const changed = Buffer.concat([
        old.subarray(0, 900_000),
        choice.bytes(50_000),
        old.subarray(900_000),
      ]);
      writeFileSync(at("source/image"), changed);
      const targets = `--targets=one:${at("one")},two:${at("two")}`;
      writeFileSync(at("source/skipped"), "of no target");
      const how = ["--delete", "--exclude=/skipped", "--backup", `--backup-dir=${at("old")}`];
      const { exit, out } = cast(folder, [...how, "--report=report", "source/", targets]);
      assert.equal(exit, 0, out);
      const kept = readFileSync(at("old/image"));
      assert.ok(kept.equals(old) || kept.equals(other), "what was replaced is kept");
      rmSync(at("source/skipped"));
      spawnSync("touch", ["-r", at("one"), at("source")]);
      for (const name of ["one", "two"]) assertSameTree(readTree(at("source")), at(name));
      const { stream } = JSON.parse(readFileSync(at("report"), "utf8"));
      assert.ok(stream > 150_000 && stream < 165_000, `${stream} bytes of ${changed.length}`);
    });
  }

  it("tells which target failed, and serves the others", () => {
    using folder = temporaryFolder();
    makeSource(folder);
    writeFileSync(folder.at("file"), "in the way");
    const paths = { good: "good", bad: "file/below", fine: "fine" };
    const places = Object.entries(paths).map(([name, path]) => `${name}:${folder.at(path)}`);
    const { exit, out } = cast(folder, ["source/", `--targets=${places.join(",")}`]);
    assert.notEqual(exit, 0, out);
    assert.match(out, /bad:\S+ +lost \(exit [1-9]\d*\)/);
    assert.match(out, /2 of 3 targets have everything/);
    for (const name of ["good", "fine"]) {
      assertSameTree(readTree(folder.at("source")), folder.at(name));
    }
  });

  it("casts a recorded changeset", () => {
    using folder = temporaryFolder();
    makeSource(folder);
    mkdirSync(folder.at("empty"));
    const tee = spawnSync(program, ["sync", "--tee=changes", "source/", "empty/"], {
      cwd: folder.path,
      encoding: "utf8",
      timeout: limitMs,
    });
    assert.equal(tee.status, 0, tee.stderr);
    const names = ["one", "two"];
    const list = names.map((name) => `${name}:${folder.at(name)}\n`).join("# a comment\n");
    writeFileSync(folder.at("list"), list);
    const { exit, out } = cast(folder, ["--changeset=changes", "--targets-file=list"]);
    assert.equal(exit, 0, out);
    for (const name of names) assertSameTree(readTree(folder.at("source")), folder.at(name));
  });

  it("tells what the way to each target is like, and sends nothing", () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("one"));
    const targets = `--targets=one:${folder.at("one")},two:${folder.at("two")}`;
    const { exit, out } = cast(folder, ["--probe", "--json", targets]);
    assert.equal(exit, 0, out);
    const ends = out.split("\n").filter((line) => line.includes('"roomBytes"'));
    const ways = ends.flatMap((line) => JSON.parse(line).targets ?? [JSON.parse(line)]);
    assert.equal(ways.length, 2, out);
    for (const way of ways) {
      // Where this machine has no multicast, none comes, and that is what is told.
      assert.ok(way.probesCame === 0 || way.roundTripMs >= way.roundTripLeastMs, out);
      assert.equal(way.longestDatagram >= 1448, way.probesCame > 0, out);
      assert.ok(Math.abs(way.clockMs) < 60_000, out);
    }
    assert.ok(ways[0].roomBytes > 0, out);
    assert.ok(ways[0].writtenPerSecond > 100_000, out);
    assert.equal(ways[1].writtenPerSecond, null, "there is nothing to write to");
    assert.deepEqual(readdirSync(folder.at("one")), []);
    assert.ok(!existsSync(folder.at("two")), "nothing is made");
  });

  it("refuses what it cannot do, and other verbs refuse what only it can", () => {
    using folder = temporaryFolder();
    for (const [words, says] of [
      [["cast", "source/"], /needs --targets/],
      [["cast", "source/", "--targets=/a"], /HOST:PATH/],
      [["cast", "--probe", "source/", "--targets=a:x"], /sends nothing/],
      [["cast", "source/", "--targets=a:x,a:x"], /named twice/],
      [["cast", "--targets=a:x"], /has sources, or --changeset/],
      [["cast", "--append", "source/", "--targets=a:x"], /a cast cannot do that/],
      [["cast", "source/", "--targets=a:x", "--commit=most"], /none of each, all and quorum/],
      [["cast", "source/", "--targets=a:x", "--min-targets=x"], /neither NUM nor NUM%/],
      [["catch", "-n", "target/"], /the master decides/],
      [["cast", "source/", "--targets=a:x", "--mcast-group=10.0.0.1"], /no multicast group/],
      [["sync", "--targets=a:x", "source/", "target/"], /is for manifold cast/],
      [["sync", "--rate-max=1M", "source/", "target/"], /is for manifold cast and --datagrams/],
    ] as const) {
      const { status, stderr } = spawnSync(program, words, { cwd: folder.path, encoding: "utf8" });
      assert.equal(status, 1, stderr);
      assert.match(stderr, says);
    }
  });
});
