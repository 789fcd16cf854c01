// What lasts after a power failure, seen in the order of system calls: content is flushed before it
// gets its name, names after they were given and before anything relies on them (--fsync,
// --durable=batch, --durable=file).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { isRoot } from "../cli/run-ours.ts";
import {
  assertSameTree,
  file,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { noStrace, runTraced, type Traced } from "./traced-run.ts";

const traced = "fsync,syncfs,renameat,renameat2,unlinkat,linkat";

/** What a call does, in the words of this test. */
type Step =
  | {
      readonly does: "flush-all" | "flush-names" | "name" | "delete" | "remove-source";
      readonly on: string;
    }
  | { readonly does: "flush-content"; readonly on: string };

/** Reads the steps of a run on src/ and dst/ from its calls; `on` is a path below the scene, staged files by their names. */
function stepsOf({ calls }: Traced, scene: string): Step[] {
  const steps: Step[] = [];
  const heldNames = new Map<string, string>();
  for (const call of calls) {
    const line = call.replaceAll(scene, "").replace(/job-[^/>"]+/g, "JOB");
    const [, flushed] = /(?:fsync)\(\d+<(dst[^>]*)>\) += 0/.exec(line) ?? [];
    if (flushed !== undefined) {
      const isStaged = flushed.includes("/JOB/");
      const on = flushed.replace("dst/.manifold/JOB/", "");
      steps.push({ does: isStaged ? "flush-content" : "flush-names", on });
    }
    if (/syncfs\(\d+<dst/.test(line))
      steps.push({ does: "flush-all", on: /<([^>]*)>/.exec(line)?.[1] ?? "" });
    const [, staged, dir, name] =
      /renameat2?\(\d+<[^>]*>, "([^"]+)", \d+<(dst[^>]*)>, "([^"]+)"/.exec(line) ?? [];
    // What is replaced is kept under the name that its successor had before.
    const isHeld = dir?.includes(".manifold") === true && name?.startsWith("=") === true;
    if (isHeld && staged !== undefined && name !== undefined) heldNames.set(name, staged);
    else if (staged !== undefined) {
      steps.push({ does: "name", on: `${heldNames.get(staged) ?? staged} ${dir}/${name}` });
    }
    const [, from, gone] = /unlinkat\(\d+<([^>]*)>, "([^"]+)", 0\)/.exec(line) ?? [];
    if (from?.startsWith("src") === true)
      steps.push({ does: "remove-source", on: `${from}/${gone}` });
    else if (from !== undefined && !from.includes(".manifold"))
      steps.push({ does: "delete", on: `${from}/${gone}` });
  }
  return steps;
}

/** Asserts that each step that `later` names has one before it that `earlier` says must be there. */
function assertBefore(
  steps: readonly Step[],
  later: (step: Step) => boolean,
  earlier: (step: Step, of: Step) => boolean,
): void {
  let count = 0;
  for (const [at, step] of steps.entries()) {
    if (!later(step)) continue;
    count++;
    const found = steps.slice(0, at).some((before) => earlier(before, step));
    if (!found) assert.fail(`${JSON.stringify(step)} comes too early in ${JSON.stringify(steps)}`);
  }
  assert.ok(count > 0, JSON.stringify(steps));
}

/** Calls are counted there, not their effect: a disk only makes thousands of files slow. */
const shared = existsSync("/dev/shm") ? "/dev/shm" : undefined;

function sceneOf(count: number): TemporaryFolder {
  const folder = count > 1000 ? temporaryFolder(shared) : temporaryFolder();
  const files = (content: string, mtime: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`f${i}`, file(`${content}${i}`, { mtime })]),
    );
  const source = { "d/": files("new", 1_600_000_000), "e/": { g: "1" } };
  writeTree(
    folder.path,
    treeOf({ "src/": source, "dst/": { "d/": files("old", 5), surplus: "2" } }),
  );
  return folder;
}

async function run(folder: TemporaryFolder, ...options: string[]): Promise<readonly Step[]> {
  const argv = ["sync", ...options, "src/", "dst/"];
  const ran = await runTraced("manifold", argv, { trace: traced, cwd: folder.path });
  assert.equal(ran.exit, 0, ran.stderr);
  return stepsOf(ran, `${folder.path}/`);
}

const isName = ({ does, on }: Step): boolean => does === "name" && !on.includes(".manifold");
/** The content of a staged file, or of one in a staged directory. */
function flushesContent({ does, on }: Step, of: Step): boolean {
  const [staged = ""] = of.on.split(" ");
  return does === "flush-content" && (on === staged || on.startsWith(`${staged}/`));
}

describe("what is flushed, and when", { skip: noStrace }, () => {
  it("nothing, unless it is asked for", async () => {
    using folder = sceneOf(3);
    const steps = await run(folder, "--delete");
    assert.deepEqual(
      steps.filter(({ does }) => does.startsWith("flush")),
      [],
    );
  });

  it("--fsync: every file before it gets its name, and nothing else", async () => {
    using folder = sceneOf(3);
    const steps = await run(folder, "--fsync", "--delete");
    assertBefore(steps, isName, flushesContent);
    assert.deepEqual(
      steps.filter(({ does }) => /flush-(all|names)/.test(does)),
      [],
    );
  });

  it("--durable=file: every file before, its directory after, everything before deletions and at the end", async () => {
    using folder = sceneOf(3);
    const steps = await run(folder, "--durable=file", "--delete");
    assertBefore(steps, isName, flushesContent);
    const last = steps.findLastIndex((step) => isName(step) && step.on.includes("dst/d/"));
    const after = steps
      .slice(last)
      .some(({ does, on }) => does === "flush-names" && on === "dst/d");
    assert.ok(after, JSON.stringify(steps));
    assertBefore(
      steps,
      ({ does }) => does === "delete",
      ({ does }) => does === "flush-all",
    );
    assert.equal(steps.at(-1)?.does, "flush-all");
  });

  it("--durable=batch: many files before any of them, everything before deletions and at the end", async () => {
    using folder = sceneOf(2100);
    const steps = await run(folder, "--durable=batch", "--delete");
    assertBefore(steps, isName, ({ does }) => does === "flush-all");
    const flushes = steps.filter(({ does }) => does === "flush-all").length;
    assert.ok(flushes >= 3 && flushes < 10, `${flushes} flushes`);
    assert.deepEqual(
      steps.filter(({ does }) => does === "flush-content"),
      [],
    );
    assertBefore(
      steps,
      ({ does }) => does === "delete",
      ({ does }) => does === "flush-all",
    );
    assert.equal(steps.at(-1)?.does, "flush-all");
    assertSameTree(folder.at("src"), folder.at("dst"));
  });

  for (const options of [["--delay-updates"], ["-H"], ["--partial"], ["--no-whole-file"]]) {
    it(`--durable=batch with ${options.join(" ")}: the same`, async () => {
      using folder = sceneOf(4);
      execFileSync("ln", ["src/d/f0", "src/e/link"], { cwd: folder.path });
      const steps = await run(folder, "--durable=batch", "--delete", ...options);
      const isNew = (step: Step): boolean => isName(step) && !step.on.endsWith("/link");
      assertBefore(
        steps,
        isNew,
        (step, of) => step.does === "flush-all" || flushesContent(step, of),
      );
      const ignore = options.includes("-H") ? [] : (["linkGroup"] as const);
      assertSameTree(folder.at("src"), folder.at("dst"), { ignore });
    });
  }

  it("--remove-source-files: a source goes when its copy's name lasts", async () => {
    for (const option of ["--durable=file", "--durable=batch"]) {
      using folder = sceneOf(3);
      const steps = await run(folder, option, "--remove-source-files");
      assertBefore(
        steps,
        ({ does }) => does === "remove-source",
        ({ does, on }, of) => does === "flush-names" && of.on.startsWith(on.replace("dst", "src")),
      );
      const named = steps.findIndex((step) => isName(step) && step.on.includes("dst/d/f2"));
      const removed = steps.findIndex(({ on }) => on === "src/d/f2");
      const between = steps.slice(named, removed);
      assert.ok(between.some(({ does, on }) => does === "flush-names" && on === "dst/d"));
      assert.deepEqual(readdirSync(folder.at("src/d")), []);
    }
  });
});

describe("a flush that fails", { skip: noStrace }, () => {
  it("gives nothing its name, deletes nothing, and ends the run: exit 11", async () => {
    using folder = sceneOf(4);
    const argv = ["sync", "--durable=batch", "--delete", "src/", "dst/"];
    const ran = await runTraced("manifold", argv, {
      trace: "syncfs",
      inject: ["syncfs:error=EIO:when=1"],
      cwd: folder.path,
    });
    assert.equal(ran.exit, 11, ran.stderr);
    assert.match(ran.stderr, /cannot flush "dst\/[^"]*": Input\/output error/);
    assert.equal(readFileSync(folder.at("dst/d/f0"), "latin1"), "old0");
    assert.ok(readdirSync(folder.at("dst")).includes("surplus"));
    assert.equal(readdirSync(folder.at("dst")).includes(".manifold"), false);
  });
});

describe("a target of several file systems", { skip: noStrace }, () => {
  const skip = isRoot ? false : "only root can mount file systems";
  for (const options of [["--durable=batch"], ["--durable=file"], ["--delay-updates"], []]) {
    it(`is staged, named and flushed on each: ${options.join(" ")}`, { skip }, async () => {
      using folder = sceneOf(3);
      mkdirSync(folder.at("dst/e"));
      execFileSync("mount", ["-t", "tmpfs", "none", folder.at("dst/e")]);
      try {
        const steps = await run(folder, ...options);
        if (options.some((option) => option.startsWith("--durable"))) {
          const last = steps
            .slice(steps.findLastIndex(isName))
            .filter(({ does }) => does === "flush-all");
          assert.deepEqual(last.map(({ on }) => on).sort(), ["dst", "dst/e"]);
        }
        assert.equal(readFileSync(folder.at("dst/e/g"), "latin1"), "1");
        assert.deepEqual(readdirSync(folder.at("dst/e")), ["g"]);
        assert.deepEqual(readdirSync(folder.at("dst")).sort(), ["d", "e", "surplus"]);
      } finally {
        execFileSync("umount", [folder.at("dst/e")]);
      }
    });
  }
});
