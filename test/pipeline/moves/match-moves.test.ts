// Which files are found for those that wait: held against a search of every pair, and against sizes that many share.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { joinPath } from "../../../src/base/index.ts";
import { type MoveCandidate, matchMoves } from "../../../src/pipeline/index.ts";
import { candidatesOf, type TestFile, wantedOf } from "./listings.ts";

const rules = { candidatesMax: 16, sameName: false, likeness: true, isOwn: () => true };

const pathOf = ({ directory, name }: Pick<TestFile, "directory" | "name">): string =>
  joinPath(directory, name);

/** Few names, sizes and times, so that most files have something in common with others. */
const anyFile: fc.Arbitrary<TestFile> = fc.record({
  directory: fc.constantFrom("", "a", "b", "a/lib", "b/lib", "c/deep/down"),
  name: fc.constantFrom(
    "x.c",
    "y.c",
    "log",
    "log.1",
    "log.2",
    "photo-1.jpg",
    "photo-2.jpg",
    "x.c~",
  ),
  size: fc.constantFrom(1, 2, 3, 4096, 2 ** 33 + 1),
  mtime: fc.constantFrom(-5, 0, 1_600_000_000, 2 ** 33),
  nanos: fc.constantFrom(0, 1, 999_999_999),
});
const anyTree = (max: number): fc.Arbitrary<TestFile[]> =>
  fc.uniqueArray(anyFile, { maxLength: max, selector: pathOf });

function sameMoment(a: TestFile, b: TestFile): boolean {
  return a.mtime === b.mtime && (a.nanos === b.nanos || a.nanos === 0 || b.nanos === 0);
}

/** Looks at every pair. */
function slowly(wanted: TestFile, files: readonly TestFile[]): Map<string, "time" | "size"> {
  const found = new Map<string, "time" | "size">();
  for (const file of files) {
    if (file.size !== wanted.size || pathOf(file) === pathOf(wanted)) continue;
    found.set(pathOf(file), sameMoment(file, wanted) ? "time" : "size");
  }
  return found;
}

const shown = (matches: readonly MoveCandidate[]): string[] =>
  matches.map((match) => `${pathOf(match)} ${match.same}`);

test("every file of the same size is found, those of the same time first, and few others where there are some", () => {
  fc.assert(
    fc.property(anyTree(12), anyTree(12), (wanted, files) => {
      const matches = matchMoves(wantedOf(wanted), candidatesOf(files), rules);
      wanted.forEach((file, i) => {
        const found = matches.of(i);
        const expected = slowly(file, files);
        assert.equal(matches.hasSameSize(i), expected.size > 0);
        if (expected.size === 0) {
          for (const { same } of found) assert.equal(same, "name");
          return;
        }
        const same = new Map(found.map((match) => [pathOf(match), match.same]));
        for (const [path, how] of same) assert.equal(how, expected.get(path));
        const count = (how: "time" | "size", of: ReadonlyMap<string, string>): number =>
          [...of.values()].filter((each) => each === how).length;
        const [timely, others] = [count("time", expected), count("size", expected)];
        assert.equal(count("time", same), timely);
        assert.equal(count("size", same), timely > 0 ? Math.min(2, others) : others);
        const firstOther = found.findIndex(({ same }) => same === "size");
        const lastTimely = found.findLastIndex(({ same }) => same === "time");
        assert.ok(firstOther < 0 || lastTimely < firstOther);
        for (const { directory, name, size, mtime, mtimeNanos } of found) {
          const original = files.find((other) => pathOf(other) === joinPath(directory, name));
          assert.deepEqual(
            { size, mtime, mtimeNanos },
            {
              size: original?.size,
              mtime: original?.mtime,
              mtimeNanos: original?.nanos,
            },
          );
        }
      });
    }),
    { numRuns: 300 },
  );
});

test("the answer does not depend on the order in which files were found, nor on where they are kept", () => {
  fc.assert(
    fc.property(anyTree(30), anyTree(40), fc.integer(), (wanted, files, seed) => {
      const few = { ...rules, candidatesMax: 2 };
      const matches = matchMoves(wantedOf(wanted), candidatesOf(files), few);
      const shuffled = [...files];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const k = Math.abs((seed * (i + 7)) % (i + 1));
        [shuffled[i], shuffled[k]] = [shuffled[k] as TestFile, shuffled[i] as TestFile];
      }
      const again = matchMoves(wantedOf(wanted), candidatesOf(shuffled, 0), few);
      for (let i = 0; i < wanted.length; i++) {
        assert.deepEqual(shown(again.of(i)), shown(matches.of(i)));
      }
    }),
    { numRuns: 300 },
  );
});

test("of many files of a size the one with the same time, or the same name and place, is found", () => {
  const files: TestFile[] = [];
  for (let n = 0; n < 3000; n++) {
    files.push({ directory: `old/${n % 50}`, name: `message.${n}`, size: 77, mtime: 5000 + n });
  }
  const wanted = files.map((file, n) => ({
    ...file,
    directory: file.directory.replace("old", "new"),
    // Every other one was touched.
    mtime: n % 2 === 0 ? file.mtime : 1,
  }));
  const matches = matchMoves(wantedOf(wanted), candidatesOf(files), rules);
  wanted.forEach((_, i) => {
    assert.equal(pathOf(matches.of(i)[0] as MoveCandidate), pathOf(files[i] as TestFile));
  });
});

test("a hundred thousand files of one size, time and name cost what a few do for each", {
  timeout: 120_000,
}, () => {
  const tree = (root: string): TestFile[] =>
    Array.from({ length: 100_000 }, (_, n) => ({
      directory: `${root}/${n}`,
      name: "index",
      size: 10,
      mtime: 10,
    }));
  const [wanted, files] = [tree("new"), tree("old")];
  const matches = matchMoves(wantedOf(wanted), candidatesOf(files), rules);
  // What is left to tell them apart is the name of their directories.
  for (let i = 0; i < wanted.length; i += 997) {
    const found = matches.of(i);
    assert.equal(found[0]?.directory, `old/${i}`);
    assert.ok(found.length <= 16);
  }
});

test("where several files are as likely, the directory that most others come from decides", () => {
  const wanted: TestFile[] = [];
  const files: TestFile[] = [];
  for (let n = 0; n < 20; n++) {
    wanted.push({ directory: "new", name: `f${n}`, size: 100 + n, mtime: 9 });
    files.push({ directory: "right", name: `f${n}`, size: 100 + n, mtime: 9 });
    if (n < 5) files.push({ directory: "left", name: `f${n}`, size: 100 + n, mtime: 9 });
  }
  const matches = matchMoves(wantedOf(wanted), candidatesOf(files), rules);
  for (let i = 0; i < 20; i++) assert.equal(matches.of(i)[0]?.directory, "right");
});

test("a file without one of its size gets one with a name that is like it", () => {
  const files: TestFile[] = [
    { directory: "drivers/old", name: "engine.c", size: 1000, mtime: 1 },
    { directory: "drivers/old", name: "wheel.c", size: 2000, mtime: 1 },
    { directory: "doc", name: "release-1.2.3.tar.gz", size: 3000, mtime: 1 },
    { directory: "var", name: "syslog.1", size: 4000, mtime: 1 },
  ];
  const wanted: TestFile[] = [
    { directory: "drivers/new", name: "engine.c", size: 1111, mtime: 2 },
    { directory: "doc", name: "release-1.2.4.tar.gz", size: 3333, mtime: 2 },
    { directory: "var", name: "syslog.2", size: 4444, mtime: 2 },
    { directory: "elsewhere", name: "stranger", size: 5555, mtime: 2 },
  ];
  const matches = matchMoves(wantedOf(wanted), candidatesOf(files), rules);
  assert.deepEqual(
    wanted.map((_, i) => shown(matches.of(i))),
    [["drivers/old/engine.c name"], ["doc/release-1.2.3.tar.gz name"], ["var/syslog.1 name"], []],
  );
});

test("with --detect-moved only files of the same base name count", () => {
  const files: TestFile[] = [
    { directory: "a", name: "one", size: 5, mtime: 5 },
    { directory: "a", name: "two", size: 5, mtime: 5 },
  ];
  const wanted: TestFile[] = [
    { directory: "b", name: "two", size: 5, mtime: 5 },
    { directory: "b", name: "three", size: 5, mtime: 5 },
  ];
  const matches = matchMoves(wantedOf(wanted), candidatesOf(files), { ...rules, sameName: true });
  assert.deepEqual(shown(matches.of(0)), ["a/two time"]);
  assert.deepEqual(shown(matches.of(1)), []);
});
