// One tree from stock rsync daemons, and from an rsync behind a remote shell: slow, stale, dying, lying, and full ones.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { noise } from "../source/conformance/fixture.ts";
import {
  assertSameTree,
  file,
  symlink,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { rsyncPlace } from "./rsync-daemon.ts";
import { type RsyncPort, startRsyncPort } from "./rsync-port.ts";
import { type Ran, runBeside } from "./run-beside.ts";

const mtime = 1_600_000_000;
const large = 5_000_000;
const rate = 2_000_000;

/** Makes a tree, and copies of it. */
function makeTrees(folder: TemporaryFolder, names: readonly string[]): void {
  const [first = "", ...others] = names;
  const small = Array.from({ length: 60 }, (_, n) => [
    `f${n}`,
    file(noise(1 + n * 997, n), { mtime: mtime + n }),
  ]);
  mkdirSync(folder.at(first));
  writeTree(
    folder.at(first),
    treeOf({
      "large.bin": file(noise(large, 99), { mtime, mode: 0o600 }),
      "a/": { ...Object.fromEntries(small), "b/": { deep: file("deep", { mtime }) } },
      "empty/": {},
      link: symlink("a/b/deep"),
    }),
  );
  for (const name of others) {
    cpSync(folder.at(first), folder.at(name), {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
    });
  }
}

/** A daemon of a folder's own with the module m. */
function serve(folder: TemporaryFolder, name: string, more = ""): Promise<RsyncPort> {
  return startRsyncPort(rsyncPlace(folder.at(`${name}-daemon`), folder.at(name), more).config);
}

function run(folder: TemporaryFolder, argv: readonly string[]): Promise<Ran> {
  // No rates of an earlier run.
  const env = { ...process.env, HOME: "/nonexistent", XDG_CACHE_HOME: "" };
  return runBeside(["sync", "--json", ...argv], { cwd: folder.path, env });
}

interface Share {
  readonly bytes: number;
  readonly errors: number;
}

function sharesOf({ exit, said }: Ran): readonly Share[] {
  assert.equal(exit, 0, said);
  const last = said.split("\n").findLast((line) => line.includes('"type":"summary"')) ?? "{}";
  return (JSON.parse(last) as { readonly sources: readonly Share[] }).sources;
}

test("of three daemons one is slow, one is stale and one dies half way: the tree is there, with nothing of what is old", async () => {
  await using folder = temporaryFolder();
  makeTrees(folder, ["slow", "stale", "dying"]);
  for (let n = 0; n < 20; n++) writeFileSync(folder.at(`stale/a/f${n}`), noise(1 + n * 997, 500));
  writeFileSync(folder.at("stale/surplus"), "nobody has asked for it");
  await using slow = await serve(folder, "slow");
  await using stale = await serve(folder, "stale");
  await using dying = await serve(folder, "dying");
  slow.trouble.bytesPerSecond = rate / 2;
  stale.trouble.bytesPerSecond = rate;
  dying.trouble.bytesPerSecond = rate;
  dying.trouble.diesAfter = 700_000;
  const [first, ...mirrors] = [slow, stale, dying].map((port) => port.url("m/"));
  const ran = await run(folder, [...mirrors.map((url) => `--mirror=${url}`), `${first}`, "to/"]);
  const shares = sharesOf(ran);
  assertSameTree(folder.at("slow"), folder.at("to"));
  assert.ok(
    shares.every(({ bytes }) => bytes > 100_000),
    ran.said,
  );
  assert.ok((shares[2]?.errors ?? 0) > 0, ran.said);
  const sum = shares.reduce((all, { bytes }) => all + bytes, 0);
  assert.ok(sum < 1.25 * (large + 60 * 30 * 997), String(sum));
});

test("a daemon that sends wrong bytes is found out by digest and named, and they come from somebody else", async () => {
  await using folder = temporaryFolder();
  makeTrees(folder, ["one", "two"]);
  const path = folder.at("two/large.bin");
  const bytes = readFileSync(path);
  for (let at = 250_000; at < bytes.length; at += 500_000) bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  utimesSync(path, mtime, mtime);
  await using two = await serve(folder, "two");
  const words = [`--mirror=${two.url("m/")}`, "--mirror=one/ limit=2M", "one/", "to/"];
  const ran = await run(folder, words);
  const shares = sharesOf(ran);
  assertSameTree(folder.at("one"), folder.at("to"));
  assert.match(
    ran.said,
    /127\.0\.0\.1:\d+\/m\/: bytes \d+ to \d+ of \\"large\.bin\\" are not what/,
  );
  assert.ok((shares[1]?.errors ?? 0) > 0 && (shares[1]?.bytes ?? 0) > 0, ran.said);
});

test("a daemon that lets in one connection has one, and one that is full is asked again", async () => {
  await using folder = temporaryFolder();
  makeTrees(folder, ["one", "two"]);
  const most = (name: string): string =>
    `max connections = 1\nlock file = ${folder.at(`${name}.lock`)}\n`;
  await using one = await serve(folder, "one", most("one"));
  await using two = await serve(folder, "two", most("two"));
  one.trouble.bytesPerSecond = rate;
  two.trouble.bytesPerSecond = rate;
  // Somebody else is there until the run has asked for the first time.
  const other = connect(Number(new URL(one.url("")).port), "127.0.0.1");
  other.write("@RSYNCD: 31.0 md5\nm\n");
  await new Promise<void>((resolve) => {
    other.on("data", (bytes) => {
      if (bytes.includes("@RSYNCD: OK")) resolve();
    });
  });
  const running = run(folder, [`--mirror=${two.url("m/")}`, one.url("m/"), "to/"]);
  const leaving = setInterval(() => {
    if (one.connections() >= 2) other.destroy();
  }, 5);
  const ran = await running;
  clearInterval(leaving);
  const shares = sharesOf(ran);
  assertSameTree(folder.at("one"), folder.at("to"));
  assert.ok(
    shares.every(({ bytes }) => bytes > 500_000),
    ran.said,
  );
  // Each would have a second connection if it could; that is tried once in ten seconds.
  assert.ok(
    shares.every(({ errors }) => errors <= 2),
    ran.said,
  );
});

test("rsync behind a remote shell lends content and says what the tree is, where it is asked for or nothing else is there", async () => {
  await using folder = temporaryFolder();
  makeTrees(folder, ["one", "two"]);
  const { shell } = rsyncPlace(folder.path, folder.at("one"));
  const far = `there:${folder.at("one")}/`;
  const ways = [
    ["--protocol=rsync", `--mirror=${far} limit=3M`, "--mirror=two/ limit=3M", far],
    [
      "--remote-path=/nowhere/manifold",
      `--mirror=${far} limit=3M`,
      "--mirror=two/ limit=3M",
      "two/",
    ],
  ];
  for (const [n, way] of ways.entries()) {
    const ran = await run(folder, ["-e", shell, ...way, `to${n}/`]);
    const shares = sharesOf(ran);
    assertSameTree(folder.at(n === 0 ? "one" : "two"), folder.at(`to${n}`));
    assert.ok(
      shares.every(({ bytes }) => bytes > 300_000),
      ran.said,
    );
  }
  assert.ok(!existsSync(folder.at("to0/.manifold")));
});
