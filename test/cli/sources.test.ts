// `manifold sources`: what it finds out of sources that are near, far, fast, slow, old, or not there, and what later runs know by it.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { noise } from "../source/conformance/fixture.ts";
import { startStaticServer } from "../source/http/static-server.ts";
import { startTroubleProxy } from "../source/http/trouble-proxy.ts";
import { lacks, nginx, startWebServer } from "../source/http/web-servers.ts";
import { temporaryFolder } from "../support/index.ts";
import { runBeside } from "./run-beside.ts";
import { runOurs } from "./run-ours.ts";

interface Probe {
  readonly type: string;
  readonly url: string;
  readonly ok: boolean;
  readonly bytesPerSecond: number | null;
  readonly roundTripMs: number | null;
  readonly listing: string | null;
  readonly ranges: boolean | null;
  readonly state: { readonly from: string; readonly time: number } | null;
  readonly behindSeconds: number | null;
}

function probesOf(output: string): Probe[] {
  const events = output.split("\n").filter((line) => line.startsWith("{"));
  return events.map((line) => JSON.parse(line) as Probe).filter(({ type }) => type === "probe");
}

/** Makes a tree of 3 MB, as of that time. */
function makeTree(path: string, time: number): void {
  mkdirSync(path);
  for (let n = 0; n < 3; n++) {
    writeFileSync(`${path}/f${n}`, noise(1_000_000, n));
    utimesSync(`${path}/f${n}`, time - n, time - n);
  }
}

const kind = nginx("autoindex on;");

test("round trip, rate, abilities and age of sources are found out", {
  skip: lacks(kind),
}, async () => {
  await using folder = temporaryFolder();
  makeTree(folder.at("one"), 1_700_010_000);
  makeTree(folder.at("two"), 1_700_000_000);
  await using server = await startWebServer(kind);
  const url = server.serve(folder.at("one"));
  await using slow = await startTroubleProxy(new URL(url).origin);
  Object.assign(slow.trouble, { delayMs: 30, bytesPerSecond: 400_000, ignoresRanges: true });
  const urls = [`${url}/`, `${slow.through(url)}/`, "two", "missing"];
  const around = { cwd: folder.path, env: { ...process.env, HOME: folder.path } };
  const ran = await runBeside(["sources", "--json", ...urls], around);
  assert.equal(ran.exit, 23, ran.said);
  const [near, far, local, missing] = probesOf(ran.said);
  assert.equal(near?.listing, "directory indexes");
  assert.deepEqual([near?.ranges, far?.ranges, local?.ranges], [true, false, true]);
  // A busy machine makes every source slow, and none faster than it is; what is measured: test/source/many/puller.test.ts.
  assert.ok((near?.bytesPerSecond ?? 0) > 0, ran.said);
  const rate = far?.bytesPerSecond ?? 0;
  assert.ok(rate > 0 && rate < 550_000, ran.said);
  assert.ok((far?.roundTripMs ?? 0) >= 30, ran.said);
  assert.deepEqual(near?.state, { from: "newest file", time: 1_700_010_000 });
  assert.deepEqual([near?.behindSeconds, local?.behindSeconds], [0, 10_000]);
  assert.deepEqual([missing?.ok, missing?.bytesPerSecond], [false, null]);

  const kept = JSON.parse(readFileSync(folder.at(".cache/manifold/sources.json"), "utf8")) as {
    readonly sources: Readonly<Record<string, { readonly rate: number }>>;
  };
  assert.equal(Math.round(kept.sources[far?.url ?? ""]?.rate ?? 0), rate);

  const told = runOurs("manifold", ["sources", "two|none:x", "one"], { cwd: folder.path });
  assert.equal(told.exit, 23, "what has no scheme is no group");
  const text = runOurs("manifold", ["sources", "two", "one"], { cwd: folder.path });
  assert.equal(text.exit, 0, text.stderr);
  assert.match(text.stdout, /^two\n {2}answers +after [\d.]+ m?s\n {2}rate +[\d.]+ .?B\/s over 2/);
  assert.match(text.stdout, /\(newest file\), 2 h 46 min behind one\n/);
});

test("what keepers of mirrors leave there tells the age, also where nothing is listed", async () => {
  await using folder = temporaryFolder();
  makeTree(folder.at("one"), 1_700_000_000);
  mkdirSync(folder.at("one/project/trace"), { recursive: true });
  writeFileSync(folder.at("one/project/trace/master"), "Fri Nov 27 08:00:00 UTC 2026\nmore\n");
  mkdirSync(folder.at("two"));
  mkdirSync(folder.at("two/dists/stable"), { recursive: true });
  const release = "Suite: stable\nDate: Fri, 27 Nov 2026 06:00:00 UTC\nSHA256:\n";
  writeFileSync(folder.at("two/dists/stable/InRelease"), release);
  mkdirSync(folder.at("three"));
  writeFileSync(folder.at("three/lastupdate"), "1795766400\n");
  await using server = await startStaticServer(folder.at("one"));
  const urls = [server.url, "two", "three"];
  const around = { cwd: folder.path, env: { ...process.env, HOME: "/nonexistent" } };
  const ran = await runBeside(["sources", "--json", ...urls], around);
  assert.equal(ran.exit, 0, ran.said);
  const [one, two, three] = probesOf(ran.said);
  assert.deepEqual(one?.state, { from: "project/trace/master", time: 1_795_766_400 });
  assert.equal(one?.listing, null);
  assert.deepEqual(two?.state, { from: "dists/stable/InRelease", time: 1_795_759_200 });
  assert.deepEqual(three?.state, { from: "lastupdate", time: 1_795_766_400 });
  assert.deepEqual(
    [one?.behindSeconds, two?.behindSeconds, three?.behindSeconds],
    [null, null, null],
  );
  assert.ok(!existsSync("/nonexistent"));
});

test("rates that are remembered are used, and what is no memory of ours costs nothing", async () => {
  await using folder = temporaryFolder();
  makeTree(folder.at("one"), 1_700_000_000);
  mkdirSync(folder.at(".cache/manifold"), { recursive: true });
  const memory = folder.at(".cache/manifold/sources.json");
  const odd = [
    "",
    '{"version":1,"sources":{"one/":{"rate":-1}',
    '{"version":1,"sources":{"one/":{"rate":-1,"latency":0,"at":0},"two":7}}',
    "[]",
  ];
  for (const [n, content] of odd.entries()) {
    writeFileSync(memory, content);
    const around = { cwd: folder.path, env: { HOME: folder.path } };
    const ran = runOurs("manifold", ["sync", "--mirror=one", "one/", `to${n}`], around);
    assert.equal(ran.exit, 0, ran.stderr);
    const kept = readFileSync(memory, "utf8");
    assert.match(kept, /^\{"version":1,"sources":\{/, kept);
  }
});

test("no source, or options that do nothing here, are mistakes", async () => {
  await using folder = temporaryFolder();
  assert.equal(runOurs("manifold", ["sources"], { cwd: folder.path }).exit, 1);
  const ran = runOurs("manifold", ["sources", "--delete", "one"], { cwd: folder.path });
  assert.equal(ran.exit, 1);
  assert.match(ran.stderr, /--delete has no meaning for manifold sources/);
});
