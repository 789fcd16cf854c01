// Processes that know nothing of one another but the target bring one tree together (--cooperate), through the launcher: each brings
// some of it, any of them may be killed or come late, and what is there in the end is the tree and nothing else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { noise } from "../source/conformance/fixture.ts";
import { startStaticServer } from "../source/http/static-server.ts";
import {
  startTroubleProxy,
  type Trouble,
  type TroubleProxy,
} from "../source/http/trouble-proxy.ts";
import {
  assertSameTree,
  Choice,
  file,
  symlink,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { type Part, type PartEnded, startPart } from "./cooperating.ts";
import { assertOldOrNew } from "./old-or-new.ts";
import { runOurs } from "./run-ours.ts";
import { stage } from "./stages.ts";

const mtime = 1_600_000_000;
const large = 3_000_000;
const small = Array.from({ length: 40 }, (_, n) => 1 + n * 997);
const smallSize = small.reduce((sum, bytes) => sum + bytes, 0);
const size = large + smallSize;
const slow = 600_000;
const fast = 20_000_000;

/** Makes a tree, and copies of it. */
function makeSources(folder: TemporaryFolder, names: readonly string[]): void {
  const [first = "", ...others] = names;
  mkdirSync(folder.at(first));
  const files = small.map((bytes, n) => [`f${n}`, file(noise(bytes, n), { mtime })]);
  writeTree(
    folder.at(first),
    treeOf({
      "large.bin": file(noise(large, 99), { mtime, mode: 0o600 }),
      "a/": { ...Object.fromEntries(files), "b/": { deep: file("deep", { mtime }) } },
      "empty/": {},
      nothing: file("", { mtime }),
      link: symlink("a/b/deep"),
    }),
  );
  for (const name of others) execFileSync("cp", ["-a", folder.at(first), folder.at(name)]);
}

/** A web server that serves a folder as fast as a test says. */
interface Served extends AsyncDisposable {
  readonly url: string;
  readonly trouble: Trouble;
}

/** Serves a folder, with a listing of it. */
async function serve(folder: TemporaryFolder, name: string, rate: number): Promise<Served> {
  const served = `${name}-served`;
  execFileSync("cp", ["-a", folder.at(name), folder.at(served)]);
  writeFileSync(folder.at(`${served}/manifold.listing`), stage(folder.path, ["scan", name]));
  const server = await startStaticServer(folder.at(served));
  const proxy = await startTroubleProxy(server.url);
  proxy.trouble.bytesPerSecond = rate;
  return {
    url: proxy.through(server.url),
    trouble: proxy.trouble,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function assertWell(ended: readonly PartEnded[]): void {
  for (const { exit, said } of ended) assert.equal(exit, 0, said);
}

test("three processes bring the tree, each tells its share, and nothing is left behind", async () => {
  await using folder = temporaryFolder();
  makeSources(folder, ["one"]);
  mkdirSync(folder.at("to"));
  writeFileSync(folder.at("to/surplus"), "no source has it");
  await using one = await serve(folder, "one", slow);
  const proxies = [one, await startTroubleProxy(one.url), await startTroubleProxy(one.url)];
  const parts = proxies.map((proxy) => {
    const url = "url" in proxy ? proxy.url : proxy.through(one.url);
    return startPart(folder.path, ["--delete", url, "to"]);
  });
  // The other two are as fast as the first one, all together.
  await Promise.all(parts.map((part) => part.brought(1)));
  one.trouble.bytesPerSecond = fast;
  const ended = await Promise.all(parts.map((part) => part.ended));
  for (const proxy of proxies.slice(1)) await proxy[Symbol.asyncDispose]();
  assertWell(ended);
  assertSameTree(folder.at("one"), folder.at("to"));
  const all = ended.reduce((sum, { bytes }) => sum + bytes, 0);
  assert.ok(all >= size && all < size * 1.25, `${all} of ${size}`);
  const conductors = ended.filter(({ entries }) => (entries.created ?? 0) > 0);
  assert.equal(conductors.length, 1);
  assert.equal(conductors[0]?.entries.deleted, 1);
});

test("the first one's listing is the tree: what others have otherwise, or more of, does not come", async () => {
  await using folder = temporaryFolder();
  makeSources(folder, ["one", "two"]);
  for (let n = 0; n < 20; n++) writeFileSync(folder.at(`two/a/f${n}`), noise(1 + n * 997, n + 500));
  writeFileSync(folder.at("two/surplus"), "nobody has asked for it");
  rmSync(folder.at("two/a/b"), { recursive: true });
  await using one = await serve(folder, "one", slow);
  await using two = await serve(folder, "two", fast);
  const first = startPart(folder.path, [one.url, "to"]);
  await first.brought(1);
  // However long the second one takes to start.
  one.trouble.bytesPerSecond = 1000;
  const second = startPart(folder.path, [two.url, "to"]);
  await second.brought(1);
  one.trouble.bytesPerSecond = fast;
  const ended = await Promise.all([first.ended, second.ended]);
  assertWell(ended);
  assertSameTree(folder.at("one"), folder.at("to"));
  assert.ok((ended[1]?.bytes ?? 0) > 0, ended[1]?.said);
});

test("with --reference=freshest the newest source says what the tree is, whoever comes first, also when it is killed", async () => {
  await using folder = temporaryFolder();
  makeSources(folder, ["one", "two"]);
  for (let n = 0; n < 20; n++) writeFileSync(folder.at(`two/a/f${n}`), noise(1 + n * 997, n + 500));
  await using one = await serve(folder, "one", slow);
  await using two = await serve(folder, "two", slow);
  const argv = ["-v", "--reference=freshest"];
  const older = startPart(folder.path, [...argv, one.url, "to"]);
  const newer = startPart(folder.path, [...argv, two.url, "to"]);
  await older.told(`the reference is ${two.url} (by newest file)`);
  newer.kill();
  two.trouble.bytesPerSecond = fast;
  const late = startPart(folder.path, [...argv, two.url, "to"]);
  assertWell(await Promise.all([older.ended, late.ended]));
  assertSameTree(folder.at("two"), folder.at("to"));
  assert.ok(!existsSync(folder.at("to/.manifold")));
});

test("whoever is left goes on for one that conducted and was killed, with what has come", async () => {
  await using folder = temporaryFolder();
  makeSources(folder, ["one", "two"]);
  await using one = await serve(folder, "one", 1_000_000);
  await using two = await serve(folder, "two", slow);
  const first = startPart(folder.path, [one.url, "to"]);
  await first.brought(1_000_000);
  one.trouble.bytesPerSecond = 1000;
  const second = startPart(folder.path, [two.url, "to"]);
  await second.brought(1);
  first.kill();
  two.trouble.bytesPerSecond = fast;
  const [gone, ended] = await Promise.all([first.ended, second.ended]);
  assert.equal(gone.exit, null);
  assertWell([ended]);
  assertSameTree(folder.at("one"), folder.at("to"));
  // Small files that it had handed to the one that was killed may come twice; what was there of the large one does not.
  const most = size - 1024 * 1024 + smallSize + 1000;
  assert.ok(ended.bytes <= most, `${ended.bytes} after ${gone.bytes}, at most ${most}`);
  assert.ok(!existsSync(folder.at("to/.manifold")));
});

test("when all were killed the next one goes on where they were, and one that has no part in it sweeps", async () => {
  await using folder = temporaryFolder();
  makeSources(folder, ["one", "two"]);
  await using one = await serve(folder, "one", 2_000_000);
  for (const target of ["to", "elsewhere"]) {
    const part = startPart(folder.path, [one.url, target]);
    await part.brought(1_500_000);
    part.kill();
    await part.ended;
    assert.ok(readdirSync(folder.at(`${target}/.manifold`)).length > 0);
  }
  const ended = await startPart(folder.path, ["two/", "to"]).ended;
  assertWell([ended]);
  assertSameTree(folder.at("two"), folder.at("to"));
  assert.ok(ended.bytes < size - 600_000, String(ended.bytes));
  assert.ok(!existsSync(folder.at("to/.manifold")));
  const plain = runOurs("manifold", ["sync", "one/", "elsewhere"], { cwd: folder.path });
  assert.equal(plain.exit, 0, plain.stderr);
  assertSameTree(folder.at("one"), folder.at("elsewhere"));
  assert.ok(!existsSync(folder.at("elsewhere/.manifold")));
});

test("several sources of one process bring content", async () => {
  await using folder = temporaryFolder();
  makeSources(folder, ["one", "two"]);
  const limits = ["--mirror=one/ limit=1M", "--mirror=two/ limit=1M"];
  const argv = ["sync", "--json", "--cooperate", ...limits, "one/", "to"];
  const ran = runOurs("manifold", argv, { cwd: folder.path });
  assert.equal(ran.exit, 0, ran.stderr);
  assertSameTree(folder.at("one"), folder.at("to"));
  const { sources } = JSON.parse(ran.lines.at(-1) ?? "{}") as {
    readonly sources: readonly { readonly bytes: number }[];
  };
  assert.equal(sources.length, 2);
  assert.ok(
    sources.every(({ bytes }) => bytes > 0),
    ran.stdout,
  );
  assert.ok(!existsSync(folder.at("to/.manifold")), "nothing is left");
  const words = ["sync", "--cooperate", "--info=stats1", "one/", "to"];
  const again = runOurs("manifold", words, { cwd: folder.path });
  assert.match(again.stdout, /process brought:\n {2}0 bytes, 0 files, 0 errors {2}one\/\n$/);
});

test("stages hold for processes that cooperate: what waits comes last, deletions after it, whoever conducts", async () => {
  await using folder = temporaryFolder();
  makeSources(folder, ["one"]);
  await using first = await serve(folder, "one", slow);
  await using second = await serve(folder, "one", slow);
  mkdirSync(folder.at("to"));
  writeFileSync(folder.at("to/old"), "it goes");
  const argv = ["--delete-after", "-i", "--stages=/large.bin"];
  const conductor = startPart(folder.path, [...argv, first.url, "to/"]);
  await conductor.brought(1);
  const other = startPart(folder.path, [...argv, second.url, "to/"]);
  await other.brought(100_000);
  conductor.kill();
  const ended = await other.ended;
  assertWell([ended]);
  assertSameTree(folder.at("one"), folder.at("to"));
  const told = ended.said.split("\n").filter((line) => /"type":"item"/.test(line));
  const paths = told.map((line) => (JSON.parse(line) as { readonly path: string }).path);
  const files = paths.filter((path) => path !== "." && path !== "a" && path !== "empty");
  assert.deepEqual(files.slice(-2), ["large.bin", "old"], ended.said);
});

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const killsWanted = isLong ? 200 : 5;

test(`${killsWanted} processes are killed at random, others come late, and the tree is there`, async () => {
  let kills = 0;
  for (let seed = firstSeed; kills < killsWanted; seed++) {
    kills += await killAtRandom(seed, killsWanted - kills);
  }
});

/** Several processes with servers of their own, of which one after the other is killed; returns how many were. */
async function killAtRandom(seed: number, killsMax: number): Promise<number> {
  const choice = new Choice(seed);
  await using folder = temporaryFolder();
  mkdirSync(folder.at("one"));
  const files = Array.from({ length: 30 }, (_, n) => [
    `f${n}`,
    file(noise(n * 2500, n), { mtime }),
  ]);
  const tree = { "b.bin": file(noise(2_000_000, 7), { mtime }), "d/": Object.fromEntries(files) };
  writeTree(folder.at("one"), treeOf(tree));
  const digests = choice.percent(50) ? ["--digests"] : [];
  const listing = stage(folder.path, ["scan", "one", ...digests]);
  writeFileSync(folder.at("one/manifold.listing"), listing);
  mkdirSync(folder.at("to"));
  // An older state of some of it, and what goes.
  mkdirSync(folder.at("before/d"), { recursive: true });
  writeFileSync(folder.at("before/surplus"), "no source has it");
  writeFileSync(folder.at("before/b.bin"), noise(1_000_000, 8));
  for (let n = 0; n < 10; n++) writeFileSync(folder.at(`before/d/f${n}`), `old ${n}`);
  execFileSync("cp", ["-a", `${folder.at("before")}/.`, folder.at("to")]);
  await using server = await startStaticServer(folder.at("one"));
  const count = 2 + choice.below(5);
  const proxies: TroubleProxy[] = [];
  for (let n = 0; n < count; n++) {
    const proxy = await startTroubleProxy(server.url);
    proxy.trouble.bytesPerSecond = (1 + choice.below(8)) * 120_000;
    proxies.push(proxy);
  }
  // Who waits for others does that for seconds.
  const policy = isLong ? choice.of(["first", "first", "freshest", "quorum"]) : "first";
  const argv = ["--delete", `--reference=${policy}`];
  const startOne = (): Part =>
    startPart(folder.path, [...argv, choice.of(proxies).through(server.url), "to"]);
  try {
    const living = new Set(proxies.map(startOne));
    const ends: Promise<void>[] = [];
    const watch = (part: Part): void => {
      ends.push(
        part.ended.then(({ exit, said }) => {
          living.delete(part);
          assert.ok(exit === 0 || exit === null, `MANIFOLD_SEED=${seed}: ${exit} ${said}`);
        }),
      );
    };
    for (const part of living) watch(part);
    let kills = 0;
    while (kills < killsMax && living.size > 0) {
      const victim = choice.of([...living]);
      // Any instant is as good as another: nothing is waited for.
      await Promise.race([victim.ended, elapsed(choice.below(700))]);
      if (!living.has(victim)) continue;
      if (living.size === 1 || choice.percent(60)) {
        const late = startOne();
        living.add(late);
        watch(late);
      }
      victim.kill();
      living.delete(victim);
      kills++;
      assertOldOrNew(folder.at("to"), [folder.at("one"), folder.at("before")]);
    }
    await Promise.all(ends);
    rmSync(folder.at("one/manifold.listing"));
    assertSameTree(folder.at("one"), folder.at("to"), {
      ignore: (path, attribute) => attribute === "mtimeNs" && path === "",
    });
    return kills;
  } finally {
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
