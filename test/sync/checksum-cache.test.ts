// --checksum with a digest cache: what was read once is not read again, and what changed is found all the same.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { seededRandom } from "../../src/base/index.ts";
import { type FileSystem, openFileSystem, portableFileSystem } from "../../src/fs/index.ts";
import { type TemporaryFolder, temporaryFolder, varietyTree, writeTree } from "../support/index.ts";
import { type InlineRun, runInline } from "./run-inline.ts";

process.umask(0);

const reading = ["openRead", "readFiles", "compareFiles", "read"] as const;
const rounds = process.env.MANIFOLD_LONG === "1" ? 60 : 8;

/** A door that counts calls which read content. */
function countingDoor(door = openFileSystem()): {
  readonly fs: FileSystem;
  readonly take: () => number;
} {
  let count = 0;
  const fs = new Proxy(door, {
    get: (inner, key: keyof FileSystem) => {
      const value = inner[key];
      if (typeof value !== "function") return value;
      return (...values: never[]) => {
        if ((reading as readonly string[]).includes(key)) count++;
        return (value as (...values: never[]) => unknown).apply(inner, values);
      };
    },
  });
  return {
    fs,
    take: () => {
      const taken = count;
      count = 0;
      return taken;
    },
  };
}

/** Runs `sync ARGV src/ dst/` in the folder with a cache there. */
function sync(folder: TemporaryFolder, fs: FileSystem, ...argv: string[]): Promise<InlineRun> {
  const places = [folder.at("src/"), folder.at("dst/")];
  const cache = { directory: folder.at("cache"), settledMs: 0 };
  return runInline(fs, [...argv, ...places], "manifold", { cache });
}

/** Waits until the kernel gives files another time than it gave this one. */
function settle(folder: TemporaryFolder, name: string): void {
  const { ctimeNs } = statSync(folder.at(name), { bigint: true });
  const probe = folder.at("probe");
  do writeFileSync(probe, "");
  while (statSync(probe, { bigint: true }).ctimeNs <= ctimeNs);
}

/** Returns how often a run without --checksum reads: what is not a file of the trees. */
async function quickCheck(
  folder: TemporaryFolder,
  fs: FileSystem,
  take: () => number,
): Promise<number> {
  take();
  await sync(folder, fs);
  return take();
}

/** Makes src/ and a dst/ that is equal, and says which files there are. */
async function makeEnds(folder: TemporaryFolder, fs: FileSystem, files: number): Promise<void> {
  mkdirSync(folder.at("src/sub"), { recursive: true });
  for (let i = 0; i < files; i++) {
    const path = folder.at(`src/${i % 3 === 0 ? "sub/" : ""}${i}`);
    writeFileSync(path, `${i}`.repeat(1 + i * 40));
    utimesSync(path, 1e9, 1e9);
  }
  assert.equal((await sync(folder, fs)).exit, 0);
  settle(folder, `dst/${files - 1 - ((files - 1) % 3 === 0 ? 1 : 0)}`);
}

for (const door of [openFileSystem(), portableFileSystem()])
  test(`a second --checksum run reads no file (${door.kind})`, async () => {
    using folder = temporaryFolder();
    const { fs, take } = countingDoor(door);
    await makeEnds(folder, fs, 40);
    const quick = await quickCheck(folder, fs, take);
    assert.equal((await sync(folder, fs, "-ci")).exit, 0);
    assert.ok(take() > quick);
    const { exit, events } = await sync(folder, fs, "-ci");
    assert.equal(take(), quick);
    assert.deepEqual([exit, events], [0, []]);
    await sync(folder, fs, "-ci", "--no-cache");
    assert.ok(take() > quick);
  });

test("whatever a tree has, a second --checksum run finds it equal", async () => {
  for (let seed = 1; seed <= 3; seed++) {
    using folder = temporaryFolder();
    mkdirSync(folder.at("src"));
    writeTree(folder.at("src"), varietyTree(seed));
    const { fs } = countingDoor();
    for (let run = 0; run < 4; run++) {
      const { exit, events } = await sync(folder, fs, "-aciH");
      if (run > 0) assert.deepEqual([exit, events], [0, []], `seed ${seed}, run ${run}`);
    }
  }
});

for (const door of [openFileSystem(), portableFileSystem()])
  test(`an edit of the same size and mtime is found, on either side (${door.kind})`, async () => {
    using folder = temporaryFolder();
    const { fs } = countingDoor(door);
    await makeEnds(folder, fs, 12);
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    const random = seededRandom(seed);
    for (let round = 0; round < rounds; round++) {
      await sync(folder, fs, "-c");
      const i = random.uint32() % 12;
      const name = `${i % 3 === 0 ? "sub/" : ""}${i}`;
      const edited = folder.at(`${random.uint32() % 2 === 0 ? "src" : "dst"}/${name}`);
      const { atime, mtime } = statSync(edited);
      const bytes = readFileSync(edited);
      bytes[random.uint32() % bytes.length] = random.uint32();
      writeFileSync(edited, bytes);
      utimesSync(edited, atime, mtime);
      assert.equal((await sync(folder, fs, "-c")).exit, 0);
      const [source, target] = [folder.at(`src/${name}`), folder.at(`dst/${name}`)];
      assert.deepEqual(readFileSync(target), readFileSync(source), `seed ${seed}, round ${round}`);
    }
  });

test("where one side is known, only the other is read", async () => {
  using folder = temporaryFolder();
  const { fs, take } = countingDoor();
  await makeEnds(folder, fs, 9);
  await sync(folder, fs, "-c");
  // Other files of the same content, all of them on the target.
  for (const name of readdirSync(folder.at("dst"))) {
    const path = folder.at(`dst/${name}`);
    if (!statSync(path).isFile()) continue;
    writeFileSync(path, readFileSync(path));
    utimesSync(path, 1e9, 1e9);
    settle(folder, `dst/${name}`);
  }
  const opened: string[] = [];
  const door = new Proxy(fs, {
    get: (inner, key: keyof FileSystem) => {
      const value = inner[key];
      if (key !== "readFiles" || typeof value !== "function") return value;
      return (...values: Parameters<NonNullable<FileSystem["readFiles"]>>) => {
        const [, , first, last, marks] = values;
        opened.push(
          [...marks.subarray(first, last)].filter((mark) => mark === 1).length > 0
            ? "some"
            : "none",
        );
        return (value as (...values: unknown[]) => number).apply(inner, values);
      };
    },
  });
  assert.deepEqual((await sync(folder, door, "-ci")).events, []);
  if (fs.readFiles !== undefined) assert.deepEqual(opened, ["some"]);
  const quick = await quickCheck(folder, fs, take);
  await sync(folder, fs, "-ci");
  assert.equal(take(), quick);
});

test("a file of the size that lanes share is read once", async () => {
  using folder = temporaryFolder();
  const { fs, take } = countingDoor();
  mkdirSync(folder.at("src"));
  writeFileSync(folder.at("src/large"), "begin");
  truncateSync(folder.at("src/large"), 65 * 2 ** 20);
  utimesSync(folder.at("src/large"), 1e9, 1e9);
  await sync(folder, fs);
  settle(folder, "dst/large");
  const quick = await quickCheck(folder, fs, take);
  assert.deepEqual((await sync(folder, fs, "-ci")).events, []);
  assert.ok(take() > quick + 60);
  assert.deepEqual((await sync(folder, fs, "-ci")).events, []);
  assert.equal(take(), quick);
  const { atime, mtime } = statSync(folder.at("dst/large"));
  writeFileSync(folder.at("dst/large"), "other", { flag: "r+" });
  utimesSync(folder.at("dst/large"), atime, mtime);
  await sync(folder, fs, "-c");
  assert.equal(readFileSync(folder.at("dst/large")).toString("latin1", 0, 5), "begin");
});

test("a cache that cannot be had is told once for each root at -v, and is no failure", async () => {
  using folder = temporaryFolder();
  const { fs } = countingDoor();
  await makeEnds(folder, fs, 3);
  writeFileSync(folder.at("cache"), "");
  const { exit, events } = await sync(folder, fs, "-ci");
  const notes = events.filter(({ type }) => type === "note");
  assert.equal(exit, 0);
  assert.equal(events.length, 2);
  for (const note of notes) {
    assert.ok(note.type === "note" && note.topic === "misc" && note.level === 1);
    assert.match(
      note.text,
      /^digests of files in \/.* are not kept: Cannot write to .*Not a directory$/,
    );
  }
});

test("there is no cache without --checksum, with --no-cache, and in manifold-rsync unless asked for", async () => {
  using folder = temporaryFolder();
  const fs = openFileSystem();
  await makeEnds(folder, fs, 3);
  const places = [folder.at("src/"), folder.at("dst/")];
  const around = { cache: { directory: folder.at("cache"), settledMs: 0 } };
  await runInline(fs, ["-a", ...places], "manifold", around);
  await runInline(fs, ["-c", "--no-cache", ...places], "manifold", around);
  await runInline(fs, ["-ac", ...places], "manifold-rsync", around);
  assert.equal(existsSync(folder.at("cache")), false);
  await runInline(fs, ["-ac", "--cache", ...places], "manifold-rsync", around);
  assert.equal(readdirSync(folder.at("cache")).length, 2);
});
