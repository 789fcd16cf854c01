// A real mirror day: a partial Debian mirror, of what apt has left here, pulled from servers that are at different states, slow and dying.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { startStaticServer } from "../source/http/static-server.ts";
import { startTroubleProxy } from "../source/http/trouble-proxy.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { noCorpus, writeCorpus } from "./debian-corpus.ts";
import { rsyncPlace } from "./rsync-daemon.ts";
import { startRsyncPort } from "./rsync-port.ts";
import { type Ran, runBeside } from "./run-beside.ts";

interface Share {
  readonly bytes: number;
}

function run(folder: TemporaryFolder, argv: readonly string[]): Promise<Ran> {
  const env = { ...process.env, HOME: "/nonexistent", XDG_CACHE_HOME: "" };
  return runBeside(["sync", "--json", "--stages=debian", ...argv], { cwd: folder.path, env });
}

function sharesOf({ exit, said }: Ran): readonly Share[] {
  assert.equal(exit, 0, said);
  const last = said.split("\n").findLast((line) => line.includes('"type":"summary"')) ?? "{}";
  return (JSON.parse(last) as { readonly sources: readonly Share[] }).sources;
}

/** Content, and the times of what stands in no index only by the minute. */
function assertArrived(
  from: string,
  to: string,
  paths: readonly string[],
  hasTimes: boolean,
): void {
  const names = readdirSync(to, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(`${to}/${name}`).isFile());
  assert.deepEqual(files.sort(), [...paths].sort());
  for (const path of paths) {
    assert.ok(readFileSync(`${to}/${path}`).equals(readFileSync(`${from}/${path}`)), path);
    if (!hasTimes) continue;
    assert.equal(statSync(`${to}/${path}`).mtimeMs, statSync(`${from}/${path}`).mtimeMs, path);
  }
}

test("two web servers at different states of a Debian mirror, listed by its own indices, bring the newer one", {
  skip: noCorpus,
}, async () => {
  await using folder = temporaryFolder();
  const { suite, now, before, paths } = writeCorpus(folder.path);
  // The indices name thousands of packages that are not here.
  const wanted = paths.flatMap((path) =>
    [...path.matchAll(/\/|$/g)].map(({ index }) => path.slice(0, index + 1)),
  );
  const rules = [...new Set(wanted)].map((path) => `+ /${path}\n`);
  writeFileSync(folder.at("rules"), `${rules.join("")}- *\n`);
  await using fresh = await startStaticServer(now);
  await using stale = await startStaticServer(before);
  await using line = await startTroubleProxy(fresh.url);
  line.trouble.bytesPerSecond = 8_000_000;
  const place = `${line.through(fresh.url)}#suites=${suite}`;
  const words = [`--mirror=${stale.url}`, "-f", ". rules", place, "to/"];
  const ran = await run(folder, words);
  const shares = sharesOf(ran);
  assertArrived(now, folder.at("to"), paths, false);
  assert.ok(
    shares.every(({ bytes }) => bytes > 0),
    ran.said,
  );
});

test("three rsync daemons, slow, stale and dying, bring a Debian mirror", {
  skip: noCorpus,
}, async () => {
  await using folder = temporaryFolder();
  const { now, before, paths } = writeCorpus(folder.path);
  const serve = (name: string, tree: string) => {
    const place = folder.at(name);
    return startRsyncPort(rsyncPlace(place, tree).config);
  };
  await using slow = await serve("slow", now);
  await using stale = await serve("stale", before);
  await using dying = await serve("dying", now);
  slow.trouble.bytesPerSecond = 1_000_000;
  stale.trouble.bytesPerSecond = 2_000_000;
  dying.trouble.bytesPerSecond = 2_000_000;
  dying.trouble.diesAfter = 1_000_000;
  const mirrors = [stale, dying].map((port) => `--mirror=${port.url("m/")}`);
  const ran = await run(folder, [...mirrors, slow.url("m/"), "to/"]);
  const shares = sharesOf(ran);
  assertArrived(now, folder.at("to"), paths, true);
  assert.ok(
    shares.every(({ bytes }) => bytes > 0),
    ran.said,
  );
});
