// Basis directories: what is linked, copied or left out, and what stands in for them.

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { temporaryFolder } from "../support/index.ts";
import { runOurs } from "./run-ours.ts";

const programs = ["manifold", "manifold-rsync"] as const;

function file(path: string, content: string, mode = 0o644): void {
  mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
  utimesSync(path, 1e9, 1e9);
}

/** src/ with three files; basis/ has the first equal, the second with another mode, the third different. */
function threeDegrees(folder: string): void {
  for (const name of ["equal", "mode", "content"])
    file(`${folder}/src/d/${name}`, `this is ${name}`);
  file(`${folder}/basis/d/equal`, "this is equal");
  file(`${folder}/basis/d/mode`, "this is mode", 0o600);
  file(`${folder}/basis/d/content`, "this was something else");
}

const isSameFile = (a: string, b: string): boolean => statSync(a).ino === statSync(b).ino;

describe("--link-dest", () => {
  it("links what is equal, copies what has other attributes, transfers what differs", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      threeDegrees(folder.path);
      const argv = ["-ai", "--link-dest=../basis", "--stats", "src/", "dst/"];
      const { exit, stdout } = runOurs(program, argv, { cwd: folder.path });
      assert.equal(exit, 0);
      const linked = ["equal", "mode", "content"].map((name) =>
        isSameFile(folder.at(`basis/d/${name}`), folder.at(`dst/d/${name}`)),
      );
      assert.deepEqual(linked, [true, false, false]);
      assert.equal(statSync(folder.at("dst/d/mode")).mode & 0o777, 0o644);
      assert.equal(readFileSync(folder.at("dst/d/content"), "utf8"), "this is content");
      assert.match(stdout, /cf\.\.\.p\.\.\.\.\. d\/mode/);
      assert.match(stdout, />f\.s\.\.\.\.\.\.\. d\/content/);
    }
  });

  it("replaces a file of the target by a link without the name ever being absent", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      threeDegrees(folder.path);
      file(folder.at("dst/d/equal"), "this is equal");
      const argv = ["-a", "--link-dest=../basis", "src/", "dst/"];
      assert.equal(runOurs(program, argv, { cwd: folder.path }).exit, 0);
      assert.equal(isSameFile(folder.at("basis/d/equal"), folder.at("dst/d/equal")), true);
    }
  });

  it("takes the first of several directories that has what is wanted", () => {
    using folder = temporaryFolder();
    file(folder.at("src/f"), "content");
    file(folder.at("one/f"), "content", 0o600);
    file(folder.at("two/f"), "content");
    const argv = ["-a", "--link-dest=../one", `--link-dest=${folder.at("two")}`, "src/", "dst/"];
    assert.equal(runOurs("manifold", argv, { cwd: folder.path }).exit, 0);
    assert.equal(isSameFile(folder.at("two/f"), folder.at("dst/f")), true);
  });

  it("does not follow a symlink of the basis out of it", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      file(folder.at("src/d/f"), "content");
      file(folder.at("outside/f"), "content");
      mkdirSync(folder.at("basis"));
      symlinkSync("../outside", folder.at("basis/d"));
      const argv = ["-a", "--link-dest=../basis", "src/", "dst/"];
      assert.equal(runOurs(program, argv, { cwd: folder.path }).exit, 0);
      assert.equal(isSameFile(folder.at("outside/f"), folder.at("dst/d/f")), false);
    }
  });

  it("warns of a directory that is not there, and works without", () => {
    using folder = temporaryFolder();
    file(folder.at("src/f"), "content");
    const argv = ["-a", "--link-dest=../nowhere", "src/", "dst/"];
    const { exit, stderr } = runOurs("manifold-rsync", argv, { cwd: folder.path });
    assert.equal(exit, 0);
    assert.match(stderr, /^--link-dest arg does not exist: \/.*\/dst\/\.\.\/nowhere$/m);
    assert.equal(existsSync(folder.at("dst/f")), true);
  });
});

describe("--copy-dest", () => {
  it("makes the target complete, and transfers only what differs", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      threeDegrees(folder.path);
      const argv = ["-a", "--copy-dest=../basis", "--out-format=%n", "src/", "dst/"];
      const { exit } = runOurs(program, argv, { cwd: folder.path });
      assert.equal(exit, 0);
      for (const name of ["equal", "mode", "content"]) {
        assert.equal(readFileSync(folder.at(`dst/d/${name}`), "utf8"), `this is ${name}`);
        assert.equal(isSameFile(folder.at(`basis/d/${name}`), folder.at(`dst/d/${name}`)), false);
      }
      assert.deepEqual(runOurs(program, argv, { cwd: folder.path }).lines, []);
    }
  });
});

describe("--compare-dest", () => {
  it("leaves out what the basis has, and removes it where it stands", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      threeDegrees(folder.path);
      file(folder.at("dst/d/equal"), "an old state");
      const argv = ["-a", "--compare-dest=../basis", "src/", "dst/"];
      assert.equal(runOurs(program, argv, { cwd: folder.path }).exit, 0);
      const there = ["equal", "mode", "content"].map((name) =>
        existsSync(folder.at(`dst/d/${name}`)),
      );
      assert.deepEqual(there, [false, true, true]);
    }
  });
});

describe("-b with basis directories", () => {
  it("keeps what is of another type; manifold keeps what is replaced or dropped, too", () => {
    for (const kind of ["link", "copy", "compare"]) {
      for (const program of programs) {
        using folder = temporaryFolder();
        for (const name of ["link", "other"]) {
          file(folder.at(`src/${name}`), "content");
          file(folder.at(`basis/${name}`), "content");
        }
        file(folder.at("dst/other"), "something else");
        symlinkSync("nowhere", folder.at("dst/link"));
        const argv = ["-ab", `--${kind}-dest=../basis`, "src/", "dst/"];
        const ran = runOurs(program, argv, { cwd: folder.path });
        assert.deepEqual([ran.exit, ran.stderr], [0, ""]);
        assert.equal(readlinkSync(folder.at("dst/link~")), "nowhere");
        const rsyncKeeps = kind === "copy";
        const isKept = existsSync(folder.at("dst/other~"));
        assert.equal(isKept, program === "manifold" || rsyncKeeps, `${program} ${kind}`);
        if (isKept) assert.equal(readFileSync(folder.at("dst/other~"), "utf8"), "something else");
        assert.equal(existsSync(folder.at("dst/other")), kind !== "compare");
      }
    }
  });
});
