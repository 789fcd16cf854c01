// System calls that fail, on the real system: input/output errors, a full disk, a used-up quota.
// Named cases say what exactly must happen; the seeded sweep lets any call fail with any error and
// asks only that the run ends in words, with the right exit code, and that nothing is half done.
// MANIFOLD_LONG=1: 140 failing calls.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { runOurs } from "../cli/run-ours.ts";
import { buildScene } from "../cli/scenes.ts";
import {
  assertSameTree,
  Choice,
  file,
  readTree,
  sampled,
  sparse,
  type TemporaryFolder,
  type TreeLiteral,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { assertOldOrNew } from "./old-or-new.ts";
import { noStrace, runTraced, type Traced } from "./traced-run.ts";

const isLong = process.env.MANIFOLD_LONG === "1";

function sceneOf(literal: TreeLiteral): TemporaryFolder {
  const folder = temporaryFolder();
  writeTree(folder.path, treeOf(literal));
  return folder;
}

function assertTold(ran: Traced, exit: number, ...sentences: RegExp[]): void {
  assert.equal(ran.exit, exit, ran.stderr);
  for (const sentence of sentences) assert.match(ran.stderr, sentence);
  assert.doesNotMatch(ran.stderr, /this is a bug|\n {4}at /);
}

/** Sizes that are copied by read and write, inside the kernel, and in pieces by several lanes. */
const sizes = { small: 3000, middle: 400_000, large: 70_000_000 } as const;

describe("a source that cannot be read to its end", { skip: noStrace }, () => {
  for (const [name, size] of Object.entries(sizes)) {
    it(`costs this file only: ${name}`, async () => {
      using folder = sceneOf({
        "src/": { bad: sparse(size, { 0: "x" }), good: "1" },
        "dst/": { bad: file("old", { mtime: 5 }) },
      });
      // The kernel's copy fails with the source's error; so does the read that is tried after it.
      const ran = await runTraced("manifold", ["sync", "src/", "dst/"], {
        trace: "pread64,copy_file_range",
        inject: ["pread64:error=EIO", "copy_file_range:error=EIO"],
        path: "src/bad",
        cwd: folder.path,
      });
      assertTold(ran, 23, /cannot read "src\/bad": Input\/output error/);
      assert.equal(readFileSync(folder.at("dst/bad"), "latin1"), "old");
      assert.equal(readFileSync(folder.at("dst/good"), "latin1"), "1");
      assert.deepEqual(readdirSync(folder.at("dst")).sort(), ["bad", "good"]);
    });
  }

  it("keeps a directory from being deleted in that cannot be listed whole", async () => {
    using folder = sceneOf({ "src/": { "d/": { x: "1" } }, "dst/": { "d/": { y: "2" } } });
    const ran = await runTraced("manifold", ["sync", "--delete", "src/", "dst/"], {
      trace: "getdents64",
      inject: ["getdents64:error=EIO"],
      path: "src/d",
      cwd: folder.path,
    });
    assertTold(ran, 23, /cannot read directory "src\/d": Input\/output error/);
    assert.ok(existsSync(folder.at("dst/d/y")));
  });
});

describe("a target that cannot be written", { skip: noStrace }, () => {
  const endings = [
    ["EIO", /Input\/output error/],
    ["ENOSPC", /no space left on the target; .* --delete-before makes room first/],
    ["EDQUOT", /the disk quota is used up; .* --delete-before makes room first/],
  ] as const;
  for (const [errno, says] of endings) {
    it(`ends the run, exit 11, with nothing lost: ${errno}`, async () => {
      for (const [name, size] of Object.entries(sizes)) {
        using folder = sceneOf({
          "src/": { [name]: sparse(size, { 0: "x" }) },
          "dst/": { [name]: file("old", { mtime: 5 }), surplus: "2" },
        });
        const calls = ["pwrite64", "copy_file_range"];
        const ran = await runTraced("manifold", ["sync", "--delete", "src/", "dst/"], {
          trace: calls.join(),
          inject: calls.map((call) => `${call}:error=${errno}`),
          cwd: folder.path,
        });
        assertTold(ran, 11, says, new RegExp(`"dst/${name}"`));
        assert.equal(readFileSync(folder.at(`dst/${name}`), "latin1"), "old");
        assert.deepEqual(readdirSync(folder.at("dst")).sort(), [name, "surplus"]);
        assert.equal(runOurs("manifold", ["sync", "src/", "dst/"], { cwd: folder.path }).exit, 0);
        assertSameTree(folder.at(`src/${name}`), folder.at(`dst/${name}`));
      }
    });
  }

  it("a file that cannot be flushed does not get its name, and is not tried again", async () => {
    using folder = sceneOf({ "src/": { f: "new" }, "dst/": { f: file("old", { mtime: 5 }) } });
    for (const option of ["--fsync", "--durable=file"]) {
      const ran = await runTraced("manifold", ["sync", option, "src/", "dst/"], {
        trace: "fsync",
        inject: ["fsync:error=EIO:when=1"],
        cwd: folder.path,
      });
      assertTold(ran, 11, /cannot flush "dst\/f": Input\/output error/);
      assert.equal(readFileSync(folder.at("dst/f"), "latin1"), "old");
      assert.equal(ran.calls.filter((line) => /fsync\(.*\.manifold/.test(line)).length, 1);
    }
  });

  it("trouble with one name costs that name only", async () => {
    using folder = sceneOf({ "src/": { a: "1", b: "2" }, "dst/": { a: "0", b: "0" } });
    const ran = await runTraced("manifold", ["sync", "-I", "src/", "dst/"], {
      trace: "renameat2",
      inject: ["renameat2:error=EACCES:when=1"],
      cwd: folder.path,
    });
    assertTold(ran, 23, /cannot rename to "dst\/[ab]": Permission denied/);
    const contents = ["a", "b"].map((name) => readFileSync(folder.at(`dst/${name}`), "latin1"));
    assert.equal(contents.filter((content) => content === "0").length, 1);
  });
});

/** Calls that the sweep lets fail, with the errors that they can have in life. */
const failing: readonly (readonly [call: string, errors: readonly string[]])[] = [
  ["openat", ["EIO", "EMFILE", "ENOMEM", "EACCES", "ENOENT"]],
  ["openat2", ["EIO", "EMFILE", "ENOENT", "EAGAIN"]],
  ["statx", ["EIO", "ENOMEM", "EACCES"]],
  ["getdents64", ["EIO", "ENOENT"]],
  ["readlinkat", ["EIO", "EACCES"]],
  ["pread64", ["EIO"]],
  ["pwrite64", ["EIO", "ENOSPC", "EDQUOT", "EFBIG"]],
  ["copy_file_range", ["EIO", "ENOSPC", "EINVAL", "EXDEV"]],
  ["ftruncate", ["EIO"]],
  ["mkdirat", ["ENOSPC", "EACCES", "EIO"]],
  ["symlinkat", ["ENOSPC", "EIO"]],
  ["mknodat", ["EPERM", "ENOSPC"]],
  ["linkat", ["EMLINK", "EIO", "EPERM"]],
  ["renameat2", ["EIO", "ENOSPC", "EACCES", "EINVAL"]],
  ["renameat", ["EIO", "EACCES"]],
  ["unlinkat", ["EIO", "EBUSY", "EPERM"]],
  ["fchmod", ["EIO", "EPERM"]],
  ["fchownat", ["EPERM", "EIO"]],
  ["fchown", ["EPERM", "EIO"]],
  ["utimensat", ["EPERM", "EIO"]],
  ["syncfs", ["EIO"]],
];

const ways: readonly (readonly string[])[] = [
  ["-HAX", "--delete"],
  ["--delete", "--delay-updates"],
  ["-H", "--delete", "--no-whole-file", "--fsync"],
  ["-b", "--delete", "--threads=1"],
  ["--delete-before", "--partial", "--durable=file"],
];

/** Statuses of a run that met trouble and said so; 0 where it found another way. */
const honestExits = [0, 3, 11, 23, 24];

describe("any call failing with any error", { skip: noStrace }, () => {
  for (const options of sampled(ways)) {
    const way = ways.indexOf(options);
    it(`ends in words and leaves nothing half done: ${options.join(" ")}`, async (test) => {
      const seed = isLong ? way + 1 : way + 201;
      using folder = temporaryFolder();
      const pristine = folder.at("pristine");
      buildScene(pristine, seed, {
        variety: { entries: 40, hardLinks: true },
        drift: 20,
        roomForSuffix: true,
      });
      const scene = folder.at("scene");
      const argv = [...options, "src/", "dst/"];
      const wanted = readTree(`${pristine}/src`);
      const choice = new Choice(seed);
      let met = 0;
      for (let left = isLong ? 28 : 1; left > 0; left--) {
        const [call, errors] = choice.of(failing);
        const errno = choice.of(errors);
        const when = `${1 + choice.below(12)}`;
        const about = `seed ${seed}, ${argv.join(" ")}, ${call} ${errno} ${when}`;
        execFileSync("rm", ["-rf", scene]);
        execFileSync("cp", ["-a", pristine, scene]);
        const old = readTree(`${scene}/dst`);
        const inject = [`${call}:error=${errno}:when=${when}`];
        const paths = ["src", "dst"].map((name) => `${scene}/${name}`);
        const ran = await runTraced("manifold", argv, { trace: call, inject, cwd: scene });
        const hit = ran.calls.find((line) => line.includes("(INJECTED)"));
        const isOurs = hit !== undefined && paths.some((path) => hit.includes(path));
        if (hit !== undefined && !isOurs) continue; // It was Node's own.
        if (hit !== undefined) met++;
        assert.ok(
          honestExits.includes(ran.exit ?? -1),
          `${about}: exit ${ran.exit}\n${ran.stderr}`,
        );
        assert.doesNotMatch(ran.stderr, /this is a bug|\n {4}at /, about);
        if (ran.exit !== 0) assert.notEqual(ran.stderr, "", about);
        const backups = options.includes("-b");
        const found = readTree(`${scene}/dst`, [".manifold"]);
        // An attribute that could not be set is told of, and costs nobody the content.
        const attributes = /^(fch|utime)/.test(call) ? "any" : "exact";
        if (!backups) assertOldOrNew(old, wanted, found, { about, attributes });
        const next = runOurs("manifold", argv, { cwd: scene });
        assert.equal(next.exit, 0, `${about}: ${next.stderr}`);
        assert.equal(existsSync(`${scene}/dst/.manifold`), false, about);
        const ignore = options.some((one) => /^-\w*H/.test(one)) ? [] : (["linkGroup"] as const);
        if (!backups) assertSameTree(wanted, `${scene}/dst`, { ignore });
      }
      test.diagnostic(`seed ${seed}: ${met} calls failed`);
    });
  }
});
