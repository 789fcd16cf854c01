// Files that several lanes write: whole, from what the target has, and where only one lane may. They
// are as long as it takes to be shared out (64 MiB).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { seededRandom } from "../../src/base/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { runOurs } from "./run-ours.ts";

const megabyte = 1 << 20;
const size = 70 * megabyte + 12_345;
const random = seededRandom(21);

let folder: TemporaryFolder;
const at = (name: string): string => join(folder.path, name);

/** Makes a file of random bytes in a directory of its own. */
function makeFile(name: string, length: number): void {
  const words = new Uint32Array(megabyte / 4);
  for (let index = 0; index < words.length; index++) words[index] = random.uint32();
  mkdirSync(at(name));
  const file = openSync(at(`${name}/large`), "w");
  for (let done = 0; done < length; done += megabyte) {
    // Different from every other megabyte at many places.
    for (let index = 0; index < words.length; index += 16) words[index] = random.uint32();
    writeSync(file, new Uint8Array(words.buffer), 0, Math.min(megabyte, length - done));
  }
  closeSync(file);
}

/** Changes bytes at so many places. */
function edit(path: string, places: number): void {
  const file = openSync(path, "r+");
  for (let i = 0; i < places; i++) writeSync(file, "edited", random.uint32() % (size - 10));
  closeSync(file);
}

/** Gives the target a file of its own that is older. */
function makeTarget(from: string): void {
  rmSync(at("dst"), { recursive: true, force: true });
  mkdirSync(at("dst"));
  copyFileSync(at(`${from}/large`), at("dst/large"));
  utimesSync(at("dst/large"), 1, 1);
}

/** Runs manifold or rsync into dst; returns literal and matched bytes as --stats tells them. */
function sync(program: "manifold" | "rsync", ...flags: string[]): [number, number] {
  const argv = ["-a", "--stats", ...flags, "src/", "dst/"];
  const { stdout, stderr, status } =
    program === "rsync"
      ? spawnSync("rsync", argv, { cwd: folder.path, encoding: "utf8" })
      : toSpawned(runOurs("manifold", argv, { cwd: folder.path }));
  assert.equal(status, 0, stderr);
  const number = (label: string): number =>
    Number(new RegExp(`${label} data: ([\\d,]+)`).exec(stdout)?.[1]?.replaceAll(",", ""));
  return [number("Literal"), number("Matched")];
}

function toSpawned({ stdout, stderr, exit }: ReturnType<typeof runOurs>): {
  stdout: string;
  stderr: string;
  status: number | null;
} {
  return { stdout, stderr, status: exit };
}

function assertSame(): void {
  assert.ok(readFileSync(at("src/large")).equals(readFileSync(at("dst/large"))), "same content");
  assert.ok(!existsSync(at("dst/.manifold")), "nothing is left behind");
}

before(() => {
  folder = temporaryFolder();
  makeFile("old", size);
  mkdirSync(at("src"));
  // A kilobyte in front, and edits here and there.
  writeFileSync(
    at("src/large"),
    Buffer.concat([Buffer.alloc(1024, "new "), readFileSync(at("old/large"))]),
  );
  edit(at("src/large"), 150);
});
after(() => folder.remove());

describe("a large file", () => {
  test("is copied whole by several lanes, and again by one", () => {
    for (const threads of ["--threads=2", "--threads=1"]) {
      rmSync(at("dst"), { recursive: true, force: true });
      assert.deepEqual(sync("manifold", threads), [size + 1024, 0]);
      assertSame();
    }
  });

  test("is built from what the target has, whatever the number of lanes", () => {
    const found = ["--threads=1", "--threads=3"].map((threads) => {
      makeTarget("old");
      const [literal, matched] = sync("manifold", "--no-whole-file", threads);
      assertSame();
      assert.equal(literal + matched, size + 1024);
      return literal;
    });
    assert.equal(found[0], found[1]);
  });

  test("has no more literal bytes than rsync finds, and 5 %", {
    skip: !haveOracle() && "rsync 3.5 is not installed",
  }, () => {
    makeTarget("old");
    const [literal] = sync("manifold", "--no-whole-file");
    makeTarget("old");
    const [theirs] = sync("rsync", "--no-whole-file");
    assert.ok(literal <= theirs * 1.05, `${literal} literal bytes, rsync ${theirs}`);
  });

  test("that is the same has no literal bytes; one that was longer or shorter ends where it should", () => {
    makeTarget("src");
    assert.deepEqual(sync("manifold", "--no-whole-file"), [0, size + 1024]);
    assertSame();
    for (const length of [size - 20 * megabyte, 5]) {
      makeTarget("old");
      truncateSync(at("dst/large"), length);
      sync("manifold", "--no-whole-file");
      assertSame();
    }
    makeTarget("old");
    const long = openSync(at("dst/large"), "a");
    writeSync(long, Buffer.alloc(9 * megabyte, 7));
    closeSync(long);
    sync("manifold", "--no-whole-file");
    assertSame();
  });

  test("that an earlier run left unfinished is continued, not copied anew", () => {
    rmSync(at("dst"), { recursive: true, force: true });
    mkdirSync(at("dst/.part"), { recursive: true });
    copyFileSync(at("src/large"), at("dst/.part/large"));
    truncateSync(at("dst/.part/large"), 50 * megabyte);
    const [literal, matched] = sync("manifold", "--partial-dir=.part");
    assert.equal(literal + matched, size + 1024);
    assert.ok(matched > 49 * megabyte, `${matched} bytes were there`);
    assertSame();
    assert.deepEqual(readdirSync(at("dst")), ["large"]);
  });

  test("is compared by several lanes under --checksum, and written only when a byte differs", () => {
    const items = (): string[] =>
      runOurs("manifold", ["-aci", "src/", "dst/"], { cwd: folder.path }).lines.filter((line) =>
        line.includes("large"),
      );
    makeTarget("src");
    const { atime, mtime } = statSync(at("src/large"));
    assert.deepEqual(items(), [".f..t...... large"]);
    assert.deepEqual(items(), []);
    for (const place of [0, 33 * megabyte, size + 1023]) {
      const file = openSync(at("dst/large"), "r+");
      const byte = Buffer.alloc(1);
      readSync(file, byte, 0, 1, place);
      byte[0] = (byte[0] as number) ^ 1;
      writeSync(file, byte, 0, 1, place);
      closeSync(file);
      utimesSync(at("dst/large"), atime, mtime);
      assert.match(items().join(), /^>fc\S* large$/, `byte ${place}`);
      assertSame();
    }
  });

  test("with holes and zeros keeps them out of the target under --sparse", () => {
    for (const name of ["dst", "sparse"]) rmSync(at(name), { recursive: true, force: true });
    mkdirSync(at("sparse"));
    const file = openSync(at("sparse/large"), "w");
    // Data across the end of a piece, zeros, a hole to the end.
    writeSync(file, Buffer.alloc(3 * megabyte, 1), 0, 3 * megabyte, 31 * megabyte + 100);
    writeSync(file, Buffer.alloc(20 * megabyte), 0, 20 * megabyte, 40 * megabyte);
    ftruncateSync(file, size);
    closeSync(file);
    const argv = ["-aS", "--stats", "sparse/", "dst/"];
    assert.equal(runOurs("manifold", argv, { cwd: folder.path }).exit, 0);
    const wanted = readFileSync(at("sparse/large"));
    assert.ok(wanted.equals(readFileSync(at("dst/large"))), "same content");
    const { blocks } = statSync(at("dst/large"));
    assert.ok(blocks * 512 < 4 * megabyte, `${blocks} blocks`);
  });
});
