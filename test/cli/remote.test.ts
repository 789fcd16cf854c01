// Runs with an end on another machine: pushed and pulled over a remote shell (a local one here), they
// leave the same tree, tell the same, and end with the same status as a run between two folders.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertSameTree,
  readTree,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { type Ended, runOurs } from "./run-ours.ts";

const seeds = process.env.MANIFOLD_LONG ? 40 : 1;
const program = join(import.meta.dirname, "..", "..", "manifold");

/** A remote shell that stays here; it forgets the host. */
function localShell(folder: TemporaryFolder): string {
  const path = folder.at("shell");
  writeFileSync(path, '#!/bin/sh\n[ "$1" = -l ] && shift 2\nshift\neval "exec $*"\n');
  chmodSync(path, 0o755);
  return path;
}

type Way = "pull" | "push";
const ways: readonly Way[] = ["pull", "push"];

/** Runs a sync of src/ to DEST with one end behind the shell. */
function remote(folder: TemporaryFolder, way: Way, argv: readonly string[], target: string): Ended {
  const shell = localShell(folder);
  const [source, dest] = [`${folder.path}/src/`, `${folder.path}/${target}/`];
  const places = way === "pull" ? [`host:${source}`, dest] : [source, `host:${dest}`];
  const connection = ["-e", shell, `--remote-path=${program}`];
  return runOurs("manifold", [...argv, ...connection, ...places], { cwd: folder.path });
}

function local(folder: TemporaryFolder, argv: readonly string[], target: string): Ended {
  const places = [`${folder.path}/src/`, `${folder.path}/${target}/`];
  return runOurs("manifold", [...argv, ...places], { cwd: folder.path });
}

/** What a run told, as a local one would have told it. */
function told({ stdout }: Ended): string {
  return stdout.replaceAll(/^</gm, ">");
}

describe("a run between two machines", () => {
  for (const way of ways) {
    const turn = ways.indexOf(way);

    it(`(${way}) leaves the tree and the lines of one between two folders`, () => {
      for (let seed = 1; seed <= seeds; seed++) {
        using folder = temporaryFolder();
        mkdirSync(folder.at("src"));
        writeTree(folder.at("src"), varietyTree(seed));
        for (const argv of [
          ["-aiHAX"],
          ...sampled([["-aiHAX", "--delete"], ["-aiHAXn"], ["-ai", "--checksum"]], 2, turn),
        ]) {
          for (const target of ["here", "there"]) {
            mkdirSync(folder.at(target), { recursive: true });
            writeFileSync(folder.at(`${target}/surplus`), "surplus");
            utimesSync(folder.at(`${target}/surplus`), 1e9, 1e9);
            utimesSync(folder.at(target), 1e9, 1e9);
          }
          const [mine, theirs] = [remote(folder, way, argv, "there"), local(folder, argv, "here")];
          assert.equal(mine.stderr, theirs.stderr, `seed ${seed}, ${argv.join(" ")}`);
          assert.equal(told(mine), told(theirs), `seed ${seed}, ${argv.join(" ")}`);
          assert.equal(mine.exit, theirs.exit);
          assertSameTree(readTree(folder.at("here")), folder.at("there"));
        }
      }
    });

    it(`(${way}) sends blocks of what has changed, and nothing of what has not`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      mkdirSync(folder.at("there"));
      const old = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i) & 0xff));
      writeFileSync(folder.at("there/edited"), old);
      writeFileSync(folder.at("src/edited"), Buffer.concat([Buffer.from("in front"), old]));
      for (const top of ["src", "there"]) writeFileSync(folder.at(`${top}/touched`), old);
      utimesSync(folder.at("there/touched"), 1e9, 1e9);
      const before = statSync(folder.at("there/touched")).ino;
      const { exit, stdout } = remote(folder, way, ["-a", "--stats"], "there");
      assert.equal(exit, 0);
      const literal = /Literal data: ([\d,]+)/.exec(stdout)?.[1]?.replaceAll(",", "");
      assert.ok(Number(literal) < 3000, `${literal} bytes literal`);
      assertSameTree(readTree(folder.at("src")), folder.at("there"));
      assert.equal(statSync(folder.at("there/touched")).ino, before);
    });

    it(`(${way}) carries out the options of the target's end`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src/d"), { recursive: true });
      mkdirSync(folder.at("there"));
      for (const name of ["keep", "drop.o", "d/keep"])
        writeFileSync(folder.at(`src/${name}`), name);
      writeFileSync(folder.at("there/keep"), "old content");
      writeFileSync(folder.at("rules"), "- *.o\n");
      const argv = ["-a", "--exclude-from=rules", "--backup", "--suffix=.was", "--inplace"];
      assert.equal(remote(folder, way, argv, "there").stderr, "");
      assert.equal(readFileSync(folder.at("there/keep.was"), "utf8"), "old content");
      rmSync(folder.at("there/keep.was"));
      rmSync(folder.at("src/drop.o"));
      assertSameTree(readTree(folder.at("src")), folder.at("there"), { ignore: ["mtimeNs"] });
    });

    it(`(${way}) never closes a file to its owner that only pretends to be closed (--fake-super)`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      for (const mode of [0o400, 0o040, 0o644]) {
        writeFileSync(folder.at(`src/${mode.toString(8)}`), "content");
        chmodSync(folder.at(`src/${mode.toString(8)}`), mode);
      }
      assert.equal(local(folder, ["--fake-super"], "near").exit, 0);
      assert.equal(remote(folder, way, ["--fake-super"], "far").exit, 0);
      assertSameTree(readTree(folder.at("far")), readTree(folder.at("near")));
      assert.equal(statSync(folder.at("far/400")).mode & 0o777, 0o600);
    });

    it(`(${way}) counts no byte twice that is written in place`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      mkdirSync(folder.at("there"));
      const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 7) & 0xff));
      writeFileSync(folder.at("src/file"), content);
      writeFileSync(folder.at("there/file"), content.subarray(0, 150_000));
      const { exit, stdout } = remote(folder, way, ["-a", "--inplace", "--stats"], "there");
      assert.equal(exit, 0);
      const bytes = (name: string): number =>
        Number(new RegExp(`${name}: ([\\d,]+)`).exec(stdout)?.[1]?.replaceAll(",", ""));
      assert.equal(bytes("Literal data") + bytes("Matched data"), content.length);
      assertSameTree(readTree(folder.at("src")), folder.at("there"));
    });

    it(`(${way}) brings large files in pieces, whatever the options`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      const old = randomBytes(9_500_000);
      const large = Buffer.concat([
        old.subarray(0, 5_000_000),
        Buffer.from("!"),
        old.subarray(5e6),
      ]);
      writeFileSync(folder.at("src/large"), large);
      writeFileSync(folder.at("src/small"), "small");
      for (const argv of sampled(
        [
          ["-a"],
          ["-a", "--inplace"],
          ["-aW"],
          ["-aS"],
          ["-a", "--bwlimit=1g"],
          ["-a", "--append-verify"],
          ["-a", "--partial"],
          ["-az"],
          ["-a", "--backup"],
        ],
        4,
        turn,
      )) {
        rmSync(folder.at("there"), { recursive: true, force: true });
        mkdirSync(folder.at("there"));
        writeFileSync(folder.at("there/large"), old);
        utimesSync(folder.at("there/large"), 1e9, 1e9);
        const ended = remote(folder, way, [...argv, "--stats"], "there");
        const words = argv.join(" ");
        assert.deepEqual([ended.exit, ended.stderr], [0, ""], words);
        assert.ok(readFileSync(folder.at("there/large")).equals(large), words);
        const literal = Number(
          /Literal data: ([\d,]+)/.exec(ended.stdout)?.[1]?.replaceAll(",", ""),
        );
        const isDelta = !["-aW", "--append-verify"].some((word) => argv.includes(word));
        // Written in place, nothing of what moved on by a byte is there any more.
        const changed = argv.includes("--inplace") ? large.length - 5_000_000 : 0;
        if (isDelta) {
          assert.ok(literal >= changed, `${words}: ${literal} bytes are said to have been sent`);
          assert.ok(literal < changed + 100_000, `${words}: ${literal} bytes were sent`);
        }
      }
    });

    it(`(${way}) sends nothing of a large file that is the same but for its time, and little of others`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      mkdirSync(folder.at("there"));
      const content = Buffer.alloc(9_000_000, "0123456789abcdef!");
      const changed = { same: -1, first: 0, middle: 5_000_000, last: content.length - 1 };
      for (const [name, at] of Object.entries(changed)) {
        writeFileSync(folder.at(`there/${name}`), content);
        const wanted = Buffer.from(content);
        if (at >= 0) wanted[at] = 0;
        writeFileSync(folder.at(`src/${name}`), wanted);
        utimesSync(folder.at(`src/${name}`), 1e9, 1e9);
      }
      const inode = statSync(folder.at("there/same")).ino;
      const { stdout, exit } = remote(folder, way, ["-a", "--stats"], "there");
      assert.equal(exit, 0);
      assertSameTree(readTree(folder.at("src")), folder.at("there"));
      assert.equal(statSync(folder.at("there/same")).ino, inode, "its content stays");
      const literal = Number(/Literal data: ([\d,]+)/.exec(stdout)?.[1]?.replaceAll(",", ""));
      assert.ok(literal > 0 && literal < 60_000, `${literal} bytes were sent`);
    });

    it(`(${way}) tells of a source that cannot be read, and deletes nothing then`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      mkdirSync(folder.at("there"));
      writeFileSync(folder.at("there/surplus"), "surplus");
      rmSync(folder.at("src"), { recursive: true });
      const { exit, stderr } = remote(folder, way, ["-a", "--delete"], "there");
      assert.equal(exit, 23);
      assert.match(stderr, /src.*No such file|link_stat|change_dir/);
      assert.equal(readFileSync(folder.at("there/surplus"), "utf8"), "surplus");
    });
  }

  it("(pull) copies a file to a new name, and lists without a target", () => {
    using folder = temporaryFolder();
    const shell = localShell(folder);
    writeFileSync(folder.at("one"), "1");
    const connection = ["-e", shell, `--remote-path=${program}`];
    const from = `host:${folder.at("one")}`;
    const copied = runOurs("manifold", [...connection, from, folder.at("two")], {
      cwd: folder.path,
    });
    assert.equal(copied.exit, 0);
    assert.equal(readFileSync(folder.at("two"), "utf8"), "1");
    const listed = runOurs("manifold", [...connection, from], { cwd: folder.path });
    assert.match(listed.stdout, /^-rw.* one$/m);
  });

  it("ends in a clear error when there is no manifold, or a shell that talks", () => {
    using folder = temporaryFolder();
    writeFileSync(folder.at("shell"), "#!/bin/sh\necho Welcome\ncat > /dev/null\n");
    chmodSync(folder.at("shell"), 0o755);
    const places = ["host:/", folder.at("there")];
    const talking = runOurs("manifold", ["-e", folder.at("shell"), ...places], {
      cwd: folder.path,
    });
    assert.equal(talking.exit, 2);
    assert.match(talking.stderr, /Welcome/);
    const shell = localShell(folder);
    const argv = ["-e", shell, "--remote-path=/no/manifold", ...places];
    const missing = runOurs("manifold", argv, { cwd: folder.path });
    assert.equal(missing.exit, 127);
    assert.match(missing.stderr, /--remote-path/s);
  });
});
