// What the digest cache remembers of files, and what it never does.

import assert from "node:assert/strict";
import { linkSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { DigestFile, RootDigests } from "../../src/cache/index.ts";
import { memoryFileSystem, openFileSystem, type Stat } from "../../src/fs/index.ts";
import { digest, june, placeOf, Scene, stateOf } from "./scene.ts";

const day = 24 * 60 * 60 * 1000;

test("what one run remembers the next one finds", () => {
  using scene = new Scene();
  const state = scene.makeFile("a", "content");
  scene.run((digests) => digests.remember(state, digest("content"), scene.place));
  assert.deepEqual(
    scene.run((digests) => digests.lookup(scene.state("a"))),
    digest("content"),
  );
});

test("a file that differs in any part of its state is another file", () => {
  using scene = new Scene();
  const place = placeOf(scene.fs, scene.handle);
  const state = { ...stateOf(3), inoHigh: 4, devMinor: 1 };
  scene.run((digests) => digests.remember(state, digest("x"), place));
  scene.run((digests) => {
    assert.ok(digests.find(state));
    for (const key of Object.keys(state) as (keyof typeof state)[]) {
      for (const by of [1, -1]) {
        assert.equal(digests.find({ ...state, [key]: state[key] + by }), false, key);
      }
    }
  });
});

test("times before 1970 and after 2106 are told apart, and what there is no room for is not kept", () => {
  using scene = new Scene();
  const place = placeOf(scene.fs, scene.handle);
  const times = [-1, -(2 ** 31), 0, 2 ** 32, 2 ** 33 - 1];
  scene.run((digests) => {
    for (const [i, mtime] of times.entries()) {
      digests.remember({ ...stateOf(i + 1), mtime }, digest(`${mtime}`), place);
    }
    digests.remember({ ...stateOf(90), mtime: 2 ** 33 }, digest("late"), place);
    digests.remember({ ...stateOf(91), devMinor: 2 ** 20 }, digest("large"), place);
  });
  scene.run((digests) => {
    for (const [i, mtime] of times.entries()) {
      assert.deepEqual(digests.lookup({ ...stateOf(i + 1), mtime }), digest(`${mtime}`));
      assert.equal(digests.find({ ...stateOf(i + 1), mtime: mtime + 2 ** 32 }), false);
    }
    assert.equal(digests.find({ ...stateOf(90), mtime: 2 ** 33 }), false);
    assert.equal(digests.find({ ...stateOf(91), devMinor: 2 ** 20 }), false);
  });
});

test("an edit that keeps size and mtime is seen by its ctime", () => {
  using scene = new Scene();
  const before = scene.makeFile("a", "one");
  const { atime, mtime } = statSync(scene.folder.at("a"));
  scene.run((digests) => digests.remember(before, digest("one"), scene.place));
  writeFileSync(scene.folder.at("a"), "two");
  utimesSync(scene.folder.at("a"), atime, mtime);
  const after = scene.state("a");
  assert.deepEqual([after.size, after.inoLow], [before.size, before.inoLow]);
  assert.equal(
    scene.run((digests) => digests.find(after)),
    false,
  );
});

test("a file whose last change is no older than the run is not remembered", () => {
  using scene = new Scene();
  scene.run((digests) => {
    // Its ctime is that of the moment: one more change could have the same.
    writeFileSync(scene.folder.at("a"), "one");
    digests.remember(scene.state("a"), digest("one"), scene.place);
  });
  assert.equal(
    scene.run((digests) => digests.find(scene.state("a"))),
    false,
  );
});

test("a file has to stand still for a while to be remembered", () => {
  using scene = new Scene();
  const state = scene.makeFile("a", "one");
  const remember = (digests: RootDigests): void =>
    digests.remember(state, digest("one"), scene.place);
  scene.run(remember, { settledMs: 3_600_000 });
  assert.equal(
    scene.run((digests) => digests.find(state)),
    false,
  );
  scene.run(remember, { settledMs: 0 });
  assert.equal(
    scene.run((digests) => digests.find(state)),
    true,
  );
});

test("a file that changes in the very tick of the kernel's clock in which it was read is not remembered", () => {
  using scene = new Scene();
  for (let attempt = 0; attempt < 200; attempt++) {
    writeFileSync(scene.folder.at("a"), "one");
    scene.run((digests) => digests.remember(scene.state("a"), digest("one"), scene.place));
    writeFileSync(scene.folder.at("a"), "two");
    const found = scene.run((digests) => digests.lookup(scene.state("a")));
    if (found !== undefined) assert.deepEqual(found, digest("two"));
  }
});

test("another file that gets the inode number of one that went is another file", () => {
  using scene = new Scene();
  const before = scene.makeFile("a", "one");
  scene.run((digests) => digests.remember(before, digest("one"), scene.place));
  unlinkSync(scene.folder.at("a"));
  let reused = 0;
  for (let i = 0; i < 50; i++) {
    const after = scene.makeFile(`b${i}`, "two");
    if (after.inoLow === before.inoLow) reused++;
    assert.equal(
      scene.run((digests) => digests.find(after)),
      false,
    );
    const same = { ...after, mtime: before.mtime, mtimeNanos: before.mtimeNanos };
    assert.equal(
      scene.run((digests) => digests.find(same)),
      false,
    );
  }
  // Whether numbers are used again is up to the file system; if they are, it was tried.
  assert.ok(reused <= 50);
});

test("a rename and a link are changes, too: they cost reading again", () => {
  using scene = new Scene();
  const state = scene.makeFile("a", "one");
  scene.run((digests) => digests.remember(state, digest("one"), scene.place));
  linkSync(scene.folder.at("a"), scene.folder.at("b"));
  renameSync(scene.folder.at("b"), scene.folder.at("c"));
  assert.equal(
    scene.run((digests) => digests.find(scene.state("c"))),
    false,
  );
});

test("only file systems that can be taken at their word are trusted", () => {
  using scene = new Scene();
  const state = stateOf(1);
  const { fs: trusted, dir } = placeOf(scene.fs, scene.handle);
  const doors = [
    { ...trusted, stampsChanges: () => false },
    { ...trusted, stampsChanges: undefined },
    // The file lies on another device than its directory: something is mounted on it.
    {
      ...trusted,
      statDirectory: (_dir: number, into: Stat) => Object.assign(into, { devMinor: 2 }),
    },
  ] as (typeof trusted)[];
  for (const fs of doors) {
    scene.run((digests) => digests.remember(state, digest("x"), { fs, dir }));
    assert.equal(
      scene.run((digests) => digests.find(state)),
      false,
    );
  }
  assert.equal(memoryFileSystem().stampsChanges, undefined);
  const fs = openFileSystem();
  const proc = fs.openRoot("/proc");
  assert.equal(fs.stampsChanges?.(proc), false);
  fs.closeDirectory(proc);
});

test("times of whole milliseconds are no evidence", () => {
  using scene = new Scene();
  const place = placeOf(scene.fs, scene.handle);
  for (const ctimeNanos of [0, 1_000_000, 999_000_000]) {
    const state = { ...stateOf(1), ctimeNanos };
    scene.run((digests) => digests.remember(state, digest("x"), place));
    assert.equal(
      scene.run((digests) => digests.find(state)),
      false,
    );
  }
});

test("after two months everything is read again, after one some of it", () => {
  using scene = new Scene();
  const place = placeOf(scene.fs, scene.handle);
  const numbers = Array.from({ length: 300 }, (_, i) => i + 1);
  scene.run((digests) => {
    for (const number of numbers) digests.remember(stateOf(number), digest(`${number}`), place);
  });
  const foundAfter = (days: number): number =>
    scene.run((digests) => numbers.filter((number) => digests.find(stateOf(number))).length, {
      wallTime: june + days * day,
    });
  assert.deepEqual([foundAfter(0), foundAfter(29), foundAfter(60)], [300, 300, 0]);
  const half = foundAfter(45);
  assert.ok(half > 100 && half < 200, `${half}`);
});

test("a clock that was set back costs reading again", () => {
  using scene = new Scene();
  const place = placeOf(scene.fs, scene.handle);
  scene.run((digests) => digests.remember(stateOf(1), digest("x"), place));
  const wallTime = june - day;
  assert.equal(
    scene.run((digests) => digests.find(stateOf(1)), { wallTime }),
    false,
  );
  const file = scene.open();
  assert.ok(file instanceof DigestFile && file.shared.began !== undefined);
  // The clock that files have their times from went back since the run began.
  const began = { ...file.shared.began, seconds: file.shared.began.seconds + 3600 };
  const digests = new RootDigests({ ...file.shared, began });
  digests.remember(stateOf(2), digest("y"), place);
  digests.flush();
  assert.equal(digests.remembers, false);
  file.close();
  assert.equal(
    scene.run((later) => later.find(stateOf(2))),
    false,
  );
});

test("of a file that changes again and again only the last state is known, and the file does not grow for ever", () => {
  using scene = new Scene();
  const place = placeOf(scene.fs, scene.handle);
  const changed = (round: number): ReturnType<typeof stateOf>[] =>
    Array.from({ length: 3000 }, (_, i) => ({ ...stateOf(i + 1), ctimeNanos: 777 + round }));
  for (let round = 0; round < 8; round++) {
    scene.run((digests) => {
      for (const state of changed(round)) digests.remember(state, digest(`${round}`), place);
    });
  }
  const { size } = statSync(scene.path);
  scene.run((digests) => {
    assert.ok(changed(7).every((state) => digests.find(state)));
    assert.ok(!changed(6).some((state) => digests.find(state)));
  });
  assert.ok(size < 76 * (3000 + 4096 + 2 * 3000), `${size} bytes`);
});
