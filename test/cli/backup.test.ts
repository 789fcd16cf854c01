// Backups: what is kept where, and what happens when it cannot be kept.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { temporaryFolder } from "../support/index.ts";
import { isRoot, runOurs } from "./run-ours.ts";

const programs = ["manifold", "manifold-rsync"] as const;

/** A source with new content and a target with old content under the same names. */
function oldAndNew(folder: string, names: readonly string[]): void {
  for (const name of names) {
    for (const top of ["src", "dst"]) {
      const path = `${folder}/${top}/${name}`;
      mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      writeFileSync(path, top === "src" ? "the new content" : "old");
      utimesSync(path, 1e9, 1e9);
    }
  }
}

/** A folder on another file system than the temporary one; undefined when there is none. */
function elsewhere(than: string): string | undefined {
  for (const parent of ["/dev/shm", "/tmp", "/var/tmp"]) {
    if (!existsSync(parent) || statSync(parent).dev === statSync(than).dev) continue;
    return mkdtempSync(`${parent}/manifold-test-`);
  }
  return undefined;
}

describe("a backup", () => {
  it("stands beside the file under its suffix, with the old content, mode and time", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      oldAndNew(folder.path, ["a/f"]);
      chmodSync(folder.at("dst/a/f"), 0o640);
      const argv = ["-a", "-b", "--suffix=.was", "src/", "dst/"];
      assert.equal(runOurs(program, argv, { cwd: folder.path }).exit, 0);
      const kept = statSync(folder.at("dst/a/f.was"));
      assert.equal(readFileSync(folder.at("dst/a/f.was"), "utf8"), "old");
      assert.deepEqual([kept.mode & 0o777, kept.mtimeMs, kept.nlink], [0o640, 1e12, 1]);
      assert.equal(readFileSync(folder.at("dst/a/f"), "utf8"), "the new content");
    }
  });

  it("goes to its place below the backup directory, whose folders look like the target's", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      oldAndNew(folder.path, ["a/b/f"]);
      for (const top of ["src", "dst"]) chmodSync(folder.at(`${top}/a/b`), 0o750);
      const argv = ["-a", "--backup-dir=kept/today", "src/", "dst/"];
      assert.equal(runOurs(program, argv, { cwd: folder.path }).exit, 0);
      assert.equal(readFileSync(folder.at("dst/kept/today/a/b/f"), "utf8"), "old");
      assert.equal(statSync(folder.at("dst/kept/today/a/b")).mode & 0o777, 0o750);
    }
  });

  it("keeps what is deleted", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      oldAndNew(folder.path, ["f"]);
      mkdirSync(folder.at("dst/x"));
      writeFileSync(folder.at("dst/x/gone"), "gone");
      const argv = ["-a", "--delete", "--backup-dir=../kept", "src/", "dst/"];
      assert.equal(runOurs(program, argv, { cwd: folder.path }).exit, 0);
      assert.equal(existsSync(folder.at("dst/x")), false);
      assert.equal(readFileSync(folder.at("kept/x/gone"), "utf8"), "gone");
    }
  });

  it("replaces an older backup, a directory and a symlink in its way, never what that points at", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      oldAndNew(folder.path, ["a", "b", "d/c"]);
      mkdirSync(folder.at("kept/b/deep"), { recursive: true });
      mkdirSync(folder.at("outside"));
      writeFileSync(folder.at("kept/a"), "older");
      symlinkSync("../outside", folder.at("kept/d"));
      const argv = ["-a", "--backup-dir=../kept", "src/", "dst/"];
      assert.equal(runOurs(program, argv, { cwd: folder.path }).exit, 0);
      for (const name of ["a", "b", "d/c"]) {
        assert.equal(readFileSync(folder.at(`kept/${name}`), "utf8"), "old");
      }
      assert.deepEqual(readdirSync(folder.at("outside")), []);
    }
  });

  it("is a copy of a file that is written in place, and the file keeps its inode", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      oldAndNew(folder.path, ["f"]);
      linkSync(folder.at("dst/f"), folder.at("other"));
      const argv = ["-a", "--inplace", "-b", "src/", "dst/"];
      assert.equal(runOurs(program, argv, { cwd: folder.path }).exit, 0);
      assert.equal(readFileSync(folder.at("dst/f~"), "utf8"), "old");
      assert.equal(readFileSync(folder.at("other"), "utf8"), "the new content");
    }
  });

  it("crosses file systems, whatever the type of the entry", (context) => {
    using folder = temporaryFolder();
    const kept = elsewhere(folder.path);
    if (kept === undefined) return context.skip("there is only one file system");
    try {
      for (const program of programs) {
        rmSync(folder.at("dst"), { recursive: true, force: true });
        oldAndNew(folder.path, ["f", "link", "fifo"]);
        rmSync(folder.at("dst/link"));
        symlinkSync("somewhere", folder.at("dst/link"));
        rmSync(folder.at("dst/fifo"));
        execFileSync("mkfifo", [folder.at("dst/fifo")]);
        writeFileSync(folder.at("dst/extra"), "extra");
        const argv = ["-a", "--delete", `--backup-dir=${kept}/${program}`, "src/", "dst/"];
        const ran = runOurs(program, argv, { cwd: folder.path });
        assert.equal(ran.exit, 0, ran.stderr);
        const place: string = `${kept}/${program}`;
        assert.deepEqual(readdirSync(place).sort(), ["extra", "fifo", "f", "link"].sort());
        assert.equal(readFileSync(`${place}/f`, "utf8"), "old");
        assert.equal(statSync(`${place}/f`).mtimeMs, 1e12);
        assert.equal(readlinkSync(`${place}/link`), "somewhere");
        assert.equal(statSync(`${place}/fifo`).isFIFO(), true);
        assert.equal(existsSync(folder.at("dst/extra")), false);
      }
    } finally {
      rmSync(kept, { recursive: true, force: true });
    }
  });

  it("that cannot be made leaves the original as it is", { skip: !isRoot }, () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      oldAndNew(folder.path, ["f"]);
      writeFileSync(folder.at("dst/extra"), "extra");
      mkdirSync(folder.at("kept"));
      execFileSync("chown", ["-R", "65534:65534", folder.path]);
      chmodSync(folder.path, 0o755);
      chmodSync(folder.at("kept"), 0o500);
      const argv = ["-rt", "--delete", "--backup-dir=../kept", "src/", "dst/"];
      const ran = runOurs(program, argv, { cwd: folder.path, asNobody: true });
      assert.notEqual(ran.exit, 0);
      assert.equal(readFileSync(folder.at("dst/f"), "utf8"), "old");
      assert.equal(readFileSync(folder.at("dst/extra"), "utf8"), "extra");
    }
  });

  it("is made of all that a directory holds which a file takes the place of", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      writeFileSync(folder.at("src/x"), "now a file");
      mkdirSync(folder.at("dst/x/deep/deeper"), { recursive: true });
      for (const name of ["x/a", "x/deep/b", "x/deep/deeper/c"]) {
        writeFileSync(folder.at(`dst/${name}`), name);
      }
      chmodSync(folder.at("dst/x/deep"), 0o711);
      const argv = ["-a", "--delete", "-b", "--backup-dir=../kept", "src/", "dst/"];
      const { exit, stderr } = runOurs(program, argv, { cwd: folder.path });
      assert.deepEqual([exit, stderr], [0, ""], program);
      for (const name of ["x/a", "x/deep/b", "x/deep/deeper/c"]) {
        assert.equal(readFileSync(folder.at(`kept/${name}`), "utf8"), name);
      }
      assert.equal(statSync(folder.at("kept/x/deep")).mode & 0o777, 0o711);
      assert.deepEqual(readdirSync(folder.at("dst")), ["x"]);
    }
  });

  it("is not made of a symlink that leads outside under --safe-links", () => {
    for (const safe of [true, false]) {
      using folder = temporaryFolder();
      oldAndNew(folder.path, ["f"]);
      rmSync(folder.at("dst/f"));
      symlinkSync("../../outside", folder.at("dst/f"));
      const argv = ["-a", "-b", ...(safe ? ["--safe-links"] : []), "src/", "dst/"];
      assert.equal(runOurs("manifold-rsync", argv, { cwd: folder.path }).exit, 0);
      assert.deepEqual(readdirSync(folder.at("dst")), safe ? ["f"] : ["f", "f~"]);
    }
  });
});
