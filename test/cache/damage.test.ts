// A cache file that is torn, damaged, shared, or cannot be used: entries are lost, and nothing is believed that was
// never remembered.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { seededRandom } from "../../src/base/index.ts";
import { DigestFile, openDigestFile, pruneCache, RootDigests } from "../../src/cache/index.ts";
import { childProgram } from "../support/index.ts";
import { digest, june, placeOf, Scene, stateOf } from "./scene.ts";

const entryBytes = 76;
const isLong = process.env.MANIFOLD_LONG === "1";

/** Fills the cache with the states 1 to `count`. */
function fill(scene: Scene, count: number): void {
  const place = placeOf(scene.fs, scene.handle);
  scene.run((digests) => {
    for (let i = 1; i <= count; i++) digests.remember(stateOf(i), digest(`${i}`), place);
  });
}

/** Counts the states of a range that are found; each is what was remembered. */
function countFound(scene: Scene, first: number, count: number): number {
  return scene.run((digests) => {
    let found = 0;
    for (let number = first; number < first + count; number++) {
      const known = digests.lookup(stateOf(number));
      if (known === undefined) continue;
      assert.deepEqual(known, digest(`${number}`), `state ${number}`);
      found++;
    }
    return found;
  });
}

test("of a file that was cut off anywhere the whole entries are found, and it goes on behind them", () => {
  using scene = new Scene();
  fill(scene, 3);
  const whole = readFileSync(scene.path);
  for (let cut = 1; cut < 2 * entryBytes; cut++) {
    writeFileSync(scene.path, whole.subarray(0, whole.length - cut));
    const left = 3 - Math.ceil(cut / entryBytes);
    assert.equal(countFound(scene, 1, 3), left, `cut by ${cut}`);
    const place = placeOf(scene.fs, scene.handle);
    scene.run((digests) => digests.remember(stateOf(9), digest("9"), place));
    assert.equal(countFound(scene, 1, 9), left + 1, `cut by ${cut}, and more`);
  }
});

test("a file cut off in its head is begun anew", () => {
  using scene = new Scene();
  fill(scene, 3);
  const whole = readFileSync(scene.path);
  const head = whole.length - 3 * entryBytes;
  for (let length = 0; length < head; length += 7) {
    writeFileSync(scene.path, whole.subarray(0, length));
    assert.equal(countFound(scene, 1, 3), 0, `${length} bytes`);
    fill(scene, 3);
    assert.equal(countFound(scene, 1, 3), 3);
  }
});

test("flipped bits, zeroes and noise cost entries and nothing else", () => {
  using scene = new Scene();
  fill(scene, 200);
  const whole = readFileSync(scene.path);
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  const random = seededRandom(seed);
  for (let round = 0; round < (isLong ? 3000 : 300); round++) {
    const bytes = Buffer.from(whole);
    const kind = random.uint32() % 3;
    for (let i = 0; i <= random.uint32() % 20; i++) {
      const at = random.uint32() % bytes.length;
      if (kind === 0) bytes[at] = (bytes[at] as number) ^ (1 << (random.uint32() % 8));
      else if (kind === 1) bytes.fill(0, at, Math.min(at + (random.uint32() % 300), bytes.length));
      else for (let k = at; k < Math.min(at + 100, bytes.length); k++) bytes[k] = random.uint32();
    }
    writeFileSync(scene.path, bytes);
    assert.ok(countFound(scene, 1, 200) <= 200, `seed ${seed}`);
  }
});

test("the cache of another root under this one's name is begun anew, and so is garbage", () => {
  using scene = new Scene();
  fill(scene, 5);
  const elsewhere = openDigestFile({
    path: scene.path,
    root: "/elsewhere",
    wallTime: june,
    settledMs: 0,
  });
  assert.ok(elsewhere instanceof DigestFile);
  elsewhere.close();
  assert.equal(countFound(scene, 1, 5), 0);
  for (const garbage of [
    "",
    "x",
    "manifold digests 1",
    "manifold digests 1\0\0\0\0\0\0".repeat(9),
  ]) {
    writeFileSync(scene.path, garbage);
    assert.equal(countFound(scene, 1, 5), 0);
    fill(scene, 5);
    assert.equal(countFound(scene, 1, 5), 5);
  }
});

test("a file that others may write to, a link and a directory are not used", () => {
  using scene = new Scene();
  fill(scene, 5);
  chmodSync(scene.path, 0o666);
  assert.match(String(scene.open()), /^Cannot write to .*: Operation not permitted$/);
  chmodSync(scene.path, 0o600);
  const at = { root: scene.root, wallTime: june, settledMs: 0 };
  const link = scene.folder.at("link");
  symlinkSync(scene.path, link);
  assert.match(String(openDigestFile({ ...at, path: link })), /Too many levels/);
  mkdirSync(scene.folder.at("directory"));
  assert.match(
    String(openDigestFile({ ...at, path: scene.folder.at("directory") })),
    /Is a directory/,
  );
});

test("where nothing can be written what is there is found, and there is a reason to tell", () => {
  using scene = new Scene();
  const below = scene.folder.at("file/manifold/digests/x");
  writeFileSync(scene.folder.at("file"), "");
  const none = openDigestFile({ path: below, root: scene.root, wallTime: june, settledMs: 0 });
  assert.match(String(none), /^Cannot write to .*: Not a directory$/);
  const homeless = scene.folder.at("no/such/home/.cache/manifold/digests/x");
  openDigestFile({ path: homeless, root: scene.root, wallTime: june, settledMs: 0 });
  assert.equal(existsSync(scene.folder.at("no")), false);
});

test("a file that was being written anew by a run that was killed is no obstacle, an hour later also to that", () => {
  using scene = new Scene();
  const beside = `${scene.path}.new`;
  scene.run(() => undefined);
  writeFileSync(beside, "half");
  truncateSync(scene.path, 10);
  fill(scene, 3);
  assert.equal(countFound(scene, 1, 3), 3);
  const cache = { path: scene.path, root: scene.root, entries: 3, bytes: 0 };
  const pruneAt = (wallTime: number) => pruneCache(cache, { fs: scene.fs, wallTime });
  // Somebody may be about to write it.
  assert.throws(() => pruneAt(statSync(beside).mtimeMs), { code: "EEXIST" });
  utimesSync(beside, 1, 1);
  assert.equal(pruneAt(june), 0);
  assert.equal(readdirSync(scene.directory).length, 1);
});

test("what is half written while it is looked at is no entry", () => {
  using scene = new Scene();
  fill(scene, 1);
  const whole = readFileSync(scene.path);
  const file = openSync(scene.path, "r+");
  scene.run((digests) => {
    const at = whole.length - entryBytes;
    for (let length = 1; length < entryBytes; length++) {
      writeSync(file, whole, at, length, at);
      writeSync(file, new Uint8Array(entryBytes - length), 0, entryBytes - length, at + length);
      const fresh = scene.open();
      assert.ok(fresh instanceof DigestFile);
      assert.equal(new RootDigests(fresh.shared).find(stateOf(1)), false, `${length} bytes`);
      fresh.close();
    }
    assert.equal(digests.find(stateOf(2)), false);
  });
  closeSync(file);
});

/** Starts a process that remembers from `first` on, when it is told to; `isReady` = it has the cache open. */
function startChild(
  scene: Scene,
  first: number,
  count: number,
): { child: ChildProcess; isReady: Promise<void> } {
  const program = childProgram("appending-child.ts", import.meta.url);
  const argv = [...program, scene.root, `${first}`, `${count}`];
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
  const isReady = (async () => {
    // One that failed ends its output without a word.
    for await (const _ of child.stdout) return;
    assert.fail("a process could not open the cache");
  })();
  return { child, isReady };
}

test("several processes at once lose nothing of one another", async () => {
  using scene = new Scene();
  const firsts = [1, 20_001, 40_001];
  const children = firsts.map((first) => startChild(scene, first, 20_000));
  await Promise.all(children.map(({ isReady }) => isReady));
  const ends = children.map(({ child }) => once(child, "exit"));
  for (const { child } of children) child.stdin?.end("x");
  for (const end of await Promise.all(ends)) assert.deepEqual(end, [0, null]);
  assert.equal(countFound(scene, 1, 60_000), 60_000);
});

test("a process that is killed while it writes costs what it wrote last", async () => {
  using scene = new Scene();
  fill(scene, 10);
  const kills = isLong ? 40 : 6;
  for (let kill = 0; kill < kills; kill++) {
    const { child, isReady } = startChild(scene, 1_000_000 * (kill + 1), 0);
    await isReady;
    const { size } = statSync(scene.path);
    child.stdin?.end("x");
    // A moment that depends on how far it is, not on time.
    const aim = size + (kill % 3) * 200_000;
    while (statSync(scene.path).size <= aim && child.exitCode === null) await setImmediate();
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(countFound(scene, 1, 10), 10);
    countFound(scene, 1_000_000 * (kill + 1), 20_000);
    const place = placeOf(scene.fs, scene.handle);
    scene.run((digests) => digests.remember(stateOf(100 + kill), digest(`${100 + kill}`), place));
    assert.equal(countFound(scene, 100 + kill, 1), 1);
  }
});
