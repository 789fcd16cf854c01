// Trees in modules of a real rsync daemon as sources of many.

import assert from "node:assert/strict";
import { linkSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fromText } from "../../../src/base/index.ts";
import { farSource, type Options } from "../../../src/options/index.ts";
import { RsyncMirror } from "../../../src/sync/mirror/rsync-mirror.ts";
import { rsyncPlace } from "../../cli/rsync-daemon.ts";
import { optionsOf } from "../../options/resolve.ts";
import { contents, serveTree } from "../../source/conformance/fixture.ts";
import { isTrouble } from "../../source/conformance/listings.ts";
import { type SourceFixture, sourceSuite } from "../../source/conformance/source-suite.ts";
import { temporaryFolder } from "../../support/index.ts";
import { inlineSurroundings } from "../run-inline.ts";

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";

function open(place: string, program: string, argv: readonly string[] = []): RsyncMirror {
  const options: Options = optionsOf([...argv, "from/", "to/"], { personality: "manifold" });
  const far = farSource(fromText(place), fromText(program));
  assert.ok(far !== undefined);
  return new RsyncMirror(place, { options, far, surroundings: inlineSurroundings(undefined) });
}

function serve(more = "", argv: readonly string[] = []) {
  return async (folder: string): Promise<SourceFixture> => {
    const own = temporaryFolder();
    const { env } = rsyncPlace(own.path, folder, more);
    const source = open("rsync://there/m", env.RSYNC_CONNECT_PROG ?? "", argv);
    return { source, close: async () => own[Symbol.dispose]() };
  };
}

sourceSuite("rsync daemon", serve());
if (isLong) sourceSuite("rsync daemon, protocol 30", serve("", ["--protocol=30"]));

test("with protocol 30 names travel in another way, and files come in a bundle", async () => {
  await using served = await serveTree(serve("", ["--protocol=30"]));
  const { source, abilities, signal, fileAt } = served;
  assert.deepEqual([abilities.ranges, abilities.timeStep], [true, 1]);
  const paths = ["a/one byte", "empty", "notes.txt"];
  const files = await Promise.all(paths.map(fileAt));
  const came = files.map(() => "");
  for await (const { file, bytes } of source.readFiles?.(files, signal) ?? []) {
    came[file] += Buffer.from(bytes).toString("latin1");
  }
  assert.deepEqual(
    came,
    paths.map((path) => contents[path]),
  );
});

test("a daemon that refuses --append gives whole files", async () => {
  await using served = await serveTree(serve("refuse options = append\n"));
  const { source, abilities, signal, fileAt } = served;
  assert.equal(abilities.ranges, false);
  const file = await fileAt("large.bin");
  let read = "";
  const part = { offset: 0, length: file.entry.size ?? 0 };
  for await (const bytes of source.read(file, part, signal)) {
    read += Buffer.from(bytes).toString("latin1");
  }
  assert.equal(read, contents["large.bin"]);
});

test("links, devices' names of one file and directories' times are told; what is not there is said", async () => {
  await using folder = temporaryFolder();
  const { signal } = new AbortController();
  const tree = folder.at("tree");
  mkdirSync(`${tree}/top/below`, { recursive: true });
  writeFileSync(`${tree}/top/one`, "1");
  symlinkSync("one", `${tree}/top/link`);
  linkSync(`${tree}/top/one`, `${tree}/top/below/two`);
  utimesSync(`${tree}/top/below`, 1_600_000_000, 1_600_000_000);
  const { env } = rsyncPlace(folder.path, tree, "");
  const source = open("there::m/top", env.RSYNC_CONNECT_PROG ?? "");
  const abilities = await source.probe(signal);
  assert.deepEqual([abilities.ranges, abilities.timeStep], [true, 0]);
  const { entries, self, isComplete } = await source.list("", signal);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  assert.deepEqual([...byName.keys()].sort(), ["below", "link", "one"]);
  assert.equal(isComplete, true);
  assert.equal(byName.get("link")?.linkTarget, "one");
  assert.equal(byName.get("below")?.mtime, 1_600_000_000);
  assert.ok(self?.mode !== undefined);
  const [two] = (await source.list("below", signal)).entries;
  assert.ok(two?.fileNumber !== undefined && two.fileNumber === byName.get("one")?.fileNumber);
  await assert.rejects(source.list("nowhere", signal), isTrouble("absent"));
  await source.close();

  const missing = open("there::m/nowhere", env.RSYNC_CONNECT_PROG ?? "");
  await assert.rejects(missing.probe(signal), isTrouble("absent"));
  const unknown = open("there::n", env.RSYNC_CONNECT_PROG ?? "");
  await assert.rejects(unknown.probe(signal), isTrouble("absent"));
  const gone = open("there::m", "exit 7");
  await assert.rejects(gone.probe(signal), isTrouble("connection"));
  assert.ok(readFileSync(folder.at("daemon.log")).length > 0);
});
