// Deletions: when they happen, what stops them, what they spare.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { sampled, temporaryFolder } from "../support/index.ts";
import { isRoot, runOurs } from "./run-ours.ts";

const programs = ["manifold", "manifold-rsync"] as const;
const times = ["--delete-before", "--delete-during", "--delete-delay", "--delete-after"];

/** Makes files (their text is their name) and, for names with a slash at the end, directories. */
function fill(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const path = `${folder}/${name}`;
    mkdirSync(name.endsWith("/") ? path : path.slice(0, path.lastIndexOf("/")), {
      recursive: true,
    });
    if (!name.endsWith("/")) writeFileSync(path, name);
  }
}

function deleted(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith("*deleting")).map((line) => line.slice(12));
}

describe("deletion", () => {
  it("comes last in manifold, and with its directory in manifold-rsync", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      fill(folder.path, ["src/a/new", "dst/a/old", "src/b/new", "dst/b/old"]);
      const { lines, exit } = runOurs(program, ["-rti", "--delete", "src/", "dst/"], {
        cwd: folder.path,
      });
      const first = lines.findIndex((line) => line.startsWith("*deleting"));
      const last = lines.findLastIndex((line) => line.startsWith(">f"));
      assert.equal(exit, 0);
      assert.equal(program === "manifold" ? first > last : first < last, true, lines.join("\n"));
    }
  });

  it("tells every entry that goes, what lies deeper first, last names first", () => {
    for (const time of sampled(times, 2, 1)) {
      using folder = temporaryFolder();
      fill(folder.path, ["src/keep", "dst/x/y/b", "dst/x/y/a", "dst/x/c", "dst/z"]);
      const argv = ["-ri", time, "src/", "dst/"];
      const { lines } = runOurs("manifold-rsync", argv, { cwd: folder.path });
      assert.deepEqual(deleted(lines), ["x/y/b", "x/y/a", "x/y/", "x/c", "x/", "z"], time);
      assert.deepEqual(readdirSync(folder.at("dst")), ["keep"]);
    }
  });

  it("foretells in a dry run exactly what the run then tells", () => {
    for (const program of programs) {
      for (const time of sampled(["--delete-during", "--delete-delay", "--delete-after"])) {
        using folder = temporaryFolder();
        fill(folder.path, ["src/f", "src/e/", "dst/e/kept/deep", "dst/e/gone", "dst/f/in/it"]);
        const argv = ["-ri", time, "--filter=P deep", "src/", "dst/"];
        const dry = runOurs(program, ["-n", ...argv], { cwd: folder.path });
        const real = runOurs(program, argv, { cwd: folder.path });
        assert.deepEqual([...dry.lines].sort(), [...real.lines].sort(), `${program} ${time}`);
        assert.equal(dry.exit, real.exit);
        assert.equal(existsSync(folder.at("dst/e/kept/deep")), true);
      }
    }
  });

  it("keeps a directory that holds something protected, and says so", () => {
    using folder = temporaryFolder();
    fill(folder.path, ["src/f", "dst/x/keep", "dst/x/gone"]);
    const argv = ["-r", "--delete", "--exclude=keep", "src/", "dst/"];
    const { stdout, exit } = runOurs("manifold-rsync", argv, { cwd: folder.path });
    assert.match(stdout, /^cannot delete non-empty directory: x$/m);
    assert.deepEqual([exit, readdirSync(folder.at("dst/x"))], [0, ["keep"]]);
  });

  it("spares the same entries in every run under --max-delete, and exits 25", () => {
    for (const time of sampled(times)) {
      using folder = temporaryFolder();
      fill(folder.path, ["src/f", "src/a/", "src/b/", "dst/a/1", "dst/a/2", "dst/b/3", "dst/z"]);
      const argv = ["-ri", time, "--max-delete=2", "src/", "dst/"];
      const { lines, stderr, exit } = runOurs("manifold-rsync", argv, { cwd: folder.path });
      assert.deepEqual(deleted(lines), ["z", "a/2"], time);
      assert.match(stderr, /Deletions stopped due to --max-delete limit \(2 skipped\)/);
      assert.equal(exit, 25);
    }
  });

  it("removes thousands of names of one directory", () => {
    using folder = temporaryFolder();
    fill(folder.path, ["src/keep", "dst/keep"]);
    for (let i = 0; i < 2000; i++) {
      writeFileSync(folder.at(`dst/${i}-${"n".repeat(200)}`), "", { mode: 0o444 });
    }
    const argv = ["-a", "--no-super", "--delete-delay", "src/", "dst/"];
    assert.equal(runOurs("manifold-rsync", argv, { cwd: folder.path }).exit, 0);
    assert.deepEqual(readdirSync(folder.at("dst")), ["keep"]);
  });

  it("happens only where the contents of a directory are transferred", () => {
    using folder = temporaryFolder();
    fill(folder.path, ["src/a/b/f", "dst/a/extra", "dst/a/b/extra", "dst/extra"]);
    const argv = ["-rR", "--delete", "src/./a/b", "dst/"];
    assert.equal(runOurs("manifold-rsync", argv, { cwd: folder.path }).exit, 0);
    const left = ["dst/extra", "dst/a/extra", "dst/a/b/extra"].map((path) =>
      existsSync(folder.at(path)),
    );
    assert.deepEqual(left, [true, true, false]);
  });

  it("does not happen after a source directory could not be read", { skip: !isRoot }, () => {
    for (const program of programs) {
      for (const insists of [false, true]) {
        using folder = temporaryFolder();
        fill(folder.path, ["src/a/f", "src/closed/f", "dst/extra"]);
        execFileSync("chown", ["-R", "65534:65534", folder.path]);
        chmodSync(folder.path, 0o755);
        chmodSync(folder.at("src/closed"), 0);
        const more = insists ? ["--ignore-errors"] : [];
        const argv = ["-r", "--delete-delay", ...more, "src/", "dst/"];
        const ran = runOurs(program, argv, { cwd: folder.path, asNobody: true });
        assert.equal(ran.exit, 23);
        assert.equal(existsSync(folder.at("dst/extra")), !insists, `${program} ${insists}`);
        assert.equal(/IO error encountered -- skipping/.test(ran.stdout), !insists);
      }
    }
  });

  it("opens an own directory that its mode closes", { skip: !isRoot }, () => {
    using folder = temporaryFolder();
    fill(folder.path, ["src/f", "dst/x/y/z"]);
    execFileSync("chown", ["-R", "65534:65534", folder.path]);
    chmodSync(folder.at("dst/x/y"), 0o500);
    chmodSync(folder.at("dst/x"), 0o500);
    const argv = ["-r", "--delete", "src/", "dst/"];
    const ran = runOurs("manifold-rsync", argv, { cwd: folder.path, asNobody: true });
    assert.equal(ran.exit, 0, ran.stderr);
    assert.deepEqual(readdirSync(folder.at("dst")), ["f"]);
  });

  it("stays on its file system with -x", { skip: !isRoot }, (context) => {
    using folder = temporaryFolder();
    fill(folder.path, ["src/f", "dst/x/mounted/", "dst/x/gone", "dst/top/"]);
    const mounts = ["dst/x/mounted", "dst/top"].map((path) => folder.at(path));
    const isMounted = mounts.filter(
      (path) => spawnSync("mount", ["-t", "tmpfs", "manifold-test", path]).status === 0,
    );
    try {
      if (isMounted.length < mounts.length) return context.skip("mounting is not permitted");
      for (const path of mounts) writeFileSync(`${path}/safe`, "");
      const argv = ["-rix", "--delete", "--info=mount", "src/", "dst/"];
      const { lines } = runOurs("manifold-rsync", argv, { cwd: folder.path });
      assert.deepEqual(deleted(lines), ["x/gone"]);
      assert.equal(lines.includes("cannot delete mount point: top"), true, lines.join("\n"));
      for (const path of mounts) assert.equal(existsSync(`${path}/safe`), true);
    } finally {
      for (const path of isMounted) spawnSync("umount", [path]);
    }
  });

  it("leaves, ignores or removes what missing arguments would have become", () => {
    const outcomes = [
      { option: [], exit: 23, stays: true },
      { option: ["--ignore-missing-args"], exit: 0, stays: true },
      { option: ["--delete-missing-args"], exit: 0, stays: false },
    ];
    for (const { option, exit, stays } of outcomes) {
      using folder = temporaryFolder();
      fill(folder.path, ["src/f", "dst/missing", "dst/other"]);
      const argv = ["-ri", ...option, "src/f", "src/missing", "dst/"];
      const ran = runOurs("manifold-rsync", argv, { cwd: folder.path });
      assert.equal(ran.exit, exit, ran.stderr);
      assert.equal(existsSync(folder.at("dst/missing")), stays);
      assert.deepEqual(deleted(ran.lines), stays ? [] : ["missing"]);
      assert.equal(existsSync(folder.at("dst/other")), true);
    }
  });
});

describe("a directory in the way of a file", () => {
  it("stays, with an error, unless it is empty or --delete or --force is given", () => {
    // Where progress is told, what a survey finds is carried out by tasks of their own.
    for (const [program, option] of programs.flatMap((name) => [
      [name, "-r"] as const,
      [name, "--info=progress2"] as const,
    ])) {
      using folder = temporaryFolder();
      fill(folder.path, ["src/x", "src/e", "dst/x/in", "dst/e/"]);
      const { stderr, exit } = runOurs(program, ["-r", option, "src/", "dst/"], {
        cwd: folder.path,
      });
      assert.equal(exit, 23);
      assert.match(
        stderr,
        program === "manifold"
          ? /cannot replace "dst\/x" by a new regular file: .* --force or --delete/
          : /could not make way for new regular file: x/,
      );
      assert.equal(existsSync(folder.at("dst/x/in")), true);
      assert.equal(statSync(folder.at("dst/e")).isFile(), true);
    }
  });

  it("goes with what it holds under --force, and leaves nothing behind", () => {
    for (const program of programs) {
      for (const option of [["--force"], ["--delete"]]) {
        using folder = temporaryFolder();
        fill(folder.path, ["src/x", "dst/x/in/it"]);
        const argv = ["-ri", ...option, "src/", "dst/"];
        const { lines, exit } = runOurs(program, argv, { cwd: folder.path });
        assert.equal(exit, 0);
        assert.deepEqual(deleted(lines), ["x/in/it", "x/in/"]);
        assert.deepEqual(readdirSync(folder.at("dst")), ["x"]);
        assert.equal(statSync(folder.at("dst/x")).isFile(), true);
      }
    }
  });

  it("is all that goes, also where the directory around it is worked on by several lanes", () => {
    for (const program of programs) {
      using folder = temporaryFolder();
      const files = Array.from({ length: 2100 }, (_, i) => `src/f${i}`);
      fill(folder.path, [...files, "src/x", "dst/x/in/it", "dst/mine"]);
      const argv = ["-ri", "--force", "src/", "dst/"];
      const { lines, exit } = runOurs(program, argv, { cwd: folder.path });
      assert.equal(exit, 0);
      assert.deepEqual(deleted(lines), ["x/in/it", "x/in/"]);
      assert.equal(readdirSync(folder.at("dst")).length, files.length + 2);
      assert.equal(statSync(folder.at("dst/x")).isFile(), true);
    }
  });

  it("is not emptied in vain by manifold when something in it is protected", () => {
    using folder = temporaryFolder();
    fill(folder.path, ["src/x", "dst/x/keep", "dst/x/other"]);
    const argv = ["-r", "--delete", "--filter=P keep", "src/", "dst/"];
    const { exit } = runOurs("manifold", argv, { cwd: folder.path });
    assert.equal(exit, 23);
    assert.deepEqual(readdirSync(folder.at("dst/x")).sort(), ["keep", "other"]);
  });
});
