// One tree from several sources at once, through the launcher: mirrors that are slow, stale or lie, runs that are killed and go on,
// and what is told of it all.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { noise } from "../source/conformance/fixture.ts";
import {
  objectsOf,
  startObjectStore,
  storeBucket,
  storeLogin,
} from "../source/http/object-store.ts";
import { startStaticServer } from "../source/http/static-server.ts";
import { lacks, nginx, startWebServer } from "../source/http/web-servers.ts";
import {
  assertSameTree,
  file,
  readTree,
  symlink,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { type Ran, runBeside } from "./run-beside.ts";
import { type Ended, runOurs } from "./run-ours.ts";
import { stage } from "./stages.ts";

const large = 5_000_000;
const mtime = 1_600_000_000;

/** Makes a tree, and copies of it. */
function makeMirrors(folder: TemporaryFolder, names: readonly string[]): void {
  const small = Array.from({ length: 40 }, (_, n) => [
    `f${n}`,
    file(noise(1 + n * 997, n), { mtime }),
  ]);
  const tree = treeOf({
    "large.bin": file(noise(large, 99), { mtime, mode: 0o600 }),
    "a/": { ...Object.fromEntries(small), "b/": { deep: file("deep", { mtime }) } },
    "empty/": {},
    nothing: file("", { mtime }),
    link: symlink("a/b/deep"),
  });
  const [first, ...others] = names;
  mkdirSync(folder.at(first ?? ""));
  writeTree(folder.at(first ?? ""), tree);
  for (const name of others) {
    cpSync(folder.at(first ?? ""), folder.at(name), {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
    });
  }
}

function run(folder: TemporaryFolder, argv: readonly string[]): Ended {
  return runOurs("manifold", ["sync", ...argv], { cwd: folder.path });
}

interface SourcePart {
  readonly url: string;
  readonly bytes: number;
  readonly files: number;
  readonly errors: number;
}

interface Summary {
  readonly exit: number;
  readonly entries: Readonly<Record<string, number>>;
  readonly sources: readonly SourcePart[];
}

function summaryOf({ lines }: Ended): Summary {
  return JSON.parse(lines.at(-1) ?? "{}") as Summary;
}

/** Contents and everything that a mirror tells. */
function assertArrived(folder: TemporaryFolder, from: string, to: string): void {
  assertSameTree(readTree(folder.at(from)), readTree(folder.at(to)));
}

test("what comes from three mirrors is the tree, and each has brought some of it", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one", "two", "three"]);
  const mirrors = [
    "--mirror",
    "one/ limit=4M",
    "--mirror",
    "two limit=3M",
    "--mirror=three limit=2M",
  ];
  const ran = run(folder, ["--json", ...mirrors, "one/", "to"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assertArrived(folder, "one", "to");
  const { sources, entries } = summaryOf(ran);
  assert.deepEqual(
    sources.map(({ url }) => url),
    ["one/", "two", "three"],
  );
  assert.ok(
    sources.every(({ bytes, errors }) => bytes > 100_000 && errors === 0),
    ran.stdout,
  );
  assert.equal(entries.created, 48);
  assert.equal(statSync(folder.at("to")).mtimeMs, statSync(folder.at("one")).mtimeMs);
  const again = run(folder, ["--json", ...mirrors, "one/", "to"]);
  assert.equal(again.exit, 0, again.stderr);
  assert.equal(
    summaryOf(again).sources.reduce((sum, { bytes }) => sum + bytes, 0),
    0,
  );
});

test("without a slash the tree comes by its name, and the shares are told", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one", "two", "last"]);
  writeFileSync(folder.at("mirrors"), "# a comment\n\ntwo max-conn=1 limit=4M\nlast prio=2\n");
  mkdirSync(folder.at("to"));
  writeFileSync(folder.at("to/stays"), "it is none of ours");
  const options = [
    "--delete",
    "--info=stats1",
    "--mirrors-from=mirrors",
    "--mirror",
    "one limit=4M",
  ];
  const ran = run(folder, [...options, "one", "to"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assertArrived(folder, "one", "to/one");
  assert.ok(existsSync(folder.at("to/stays")));
  assert.match(ran.stdout, /content by source: \d+ % \/ \d+ % \/ 0 %/);
});

test("a mirror that never answers keeps nobody waiting, is told, and leaves no process behind", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one"]);
  const shell = join(folder.path, "silent");
  writeFileSync(shell, "#!/bin/sh\necho $$ > pid\nexec sleep 100\n", { mode: 0o755 });
  const options = ["-e", shell, "--info=stats1", "--mirror=there:/tree"];
  const ran = run(folder, [...options, "one/", "to"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assertArrived(folder, "one", "to");
  assert.match(ran.stderr, /mirror there:\/tree: no answer yet; it begins without it/);
  assert.match(ran.stdout, / 0 bytes, 0 files, 0 errors {2}there:\/tree: it has not answered/);
  const pid = readFileSync(folder.at("pid"), "utf8").trim();
  assert.ok(!existsSync(`/proc/${pid}`), "the remote shell is gone");
});

test("a stale mirror helps with what it has right, and does no harm", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one", "two"]);
  for (let n = 0; n < 20; n++) writeFileSync(folder.at(`two/a/f${n}`), noise(1 + n * 997, n + 500));
  writeFileSync(folder.at("two/surplus"), "nobody has asked for it");
  writeFileSync(folder.at("to"), "");
  const ran = run(folder, ["--json", "--mirror=one/ limit=2M", "--mirror=two", "one/", "to2/"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assertArrived(folder, "one", "to2");
  assert.ok((summaryOf(ran).sources[1]?.bytes ?? 0) > 1_000_000, ran.stdout);
});

test("why nothing came of a mirror is told", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one", "two"]);
  for (const path of [
    "large.bin",
    ...Array.from({ length: 40 }, (_, n) => `a/f${n}`),
    "a/b/deep",
  ]) {
    writeFileSync(folder.at(`two/${path}`), "something else");
  }
  const mirrors = ["--mirror=two", "--mirror=one role=list"];
  const ran = run(folder, ["--info=stats1", ...mirrors, "one/", "to"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assert.match(ran.stdout, / 0 %.* {2}two: it has other files, or none, in their place\n/);
  assert.match(ran.stdout, / 0 %.* {2}one: it only lists\n/);
});

test("wrong bytes are noticed, the liar is named, and they come from somebody else", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one", "two", "three"]);
  const path = folder.at("two/large.bin");
  const bytes = readFileSync(path);
  for (let at = 500_000; at < bytes.length; at += 1_000_000) bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  utimesSync(path, mtime, mtime);
  const mirrors = ["--mirror=one/ limit=2M", "--mirror=two limit=8M", "--mirror=three limit=4M"];
  const ran = run(folder, ["--json", ...mirrors, "one/", "to"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assertArrived(folder, "one", "to");
  assert.match(ran.stdout, /two: bytes \d+ to \d+ of \\"large\.bin\\" are not what one\/ has/);
  assert.ok((summaryOf(ran).sources[1]?.errors ?? 0) > 0);
});

test("a mirror that is not there costs a warning", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one"]);
  const ran = run(folder, ["--mirror=missing", "one/", "to"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assert.match(ran.stderr, /^manifold: mirror missing: .*No such file or directory/m);
  const dead = run(folder, ["--mirror=http://127.0.0.1:1/", "one/", "to"]);
  assert.equal(dead.exit, 0, dead.stderr);
  assert.match(dead.stderr, /^manifold: mirror http:\/\/127\.0\.0\.1:1\/: connection refused$/im);
  assertArrived(folder, "one", "to");
});

test("nothing is deleted because a mirror lacks it, and what the first one lacks is", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one", "two"]);
  rmSync(folder.at("two/a"), { recursive: true });
  mkdirSync(folder.at("to"));
  writeFileSync(folder.at("to/old"), "it goes");
  const ran = run(folder, ["--delete", "--exclude=/empty", "--mirror=two", "one/", "to"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assert.deepEqual(readdirSync(folder.at("to")).sort(), ["a", "large.bin", "link", "nothing"]);
  assert.equal(readdirSync(folder.at("to/a")).length, 41);
});

test("after kill -9 nothing that was proven is fetched again", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one", "two"]);
  const mirrors = ["--mirror=one/ limit=1500K", "--mirror=two limit=1M"];
  const before = await killedAt(folder, [...mirrors, "one/", "to"], 2_500_000);
  assert.ok(!existsSync(folder.at("to/large.bin")));
  const ran = run(folder, ["--json", "--mirror=two", "one/", "to"]);
  assert.equal(ran.exit, 0, ran.stderr);
  assertArrived(folder, "one", "to");
  const fetched = summaryOf(ran).sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const small = 40 * 39 * 997;
  // What was on its way, and what came between the last news and the kill, is at most a unit of each connection.
  assert.ok(fetched <= large + small - before + 4 * 1_048_576, `${fetched} after ${before}`);
  assert.ok(fetched < large, `${fetched} of ${large}`);
  assert.ok(!existsSync(folder.at("to/.manifold")));
});

/** Runs until so many bytes have come, and kills; returns how many have come at least. */
async function killedAt(folder: TemporaryFolder, argv: string[], bytes: number): Promise<number> {
  const program = join(import.meta.dirname, "..", "..", "manifold");
  const child = spawn(program, ["sync", "--json", ...argv], {
    cwd: folder.path,
    env: { ...process.env, HOME: "/nonexistent" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const came = new Map<string, number>();
  let sum = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { readonly type: string } & SourcePart;
    if (event.type !== "source") continue;
    came.set(event.url, event.bytes);
    sum = [...came.values()].reduce((all, one) => all + one, 0);
    if (sum >= bytes) child.kill("SIGKILL");
  }
  return sum;
}

test("what such a run cannot do is refused", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one"]);
  const ran = run(folder, ["--files-from=-", "--mirror=one", "one/", "to"]);
  assert.equal(ran.exit, 4, ran.stderr);
  assert.equal(run(folder, ["--mirror=one role=nothing", "one/", "to"]).exit, 1);
  const unknown = run(folder, ["--mirror=htp://there/x", "one/", "to"]);
  assert.equal(unknown.exit, 1);
  assert.match(unknown.stderr, /no kind of source "htp"/);
  assert.equal(run(folder, ["--mirror=one", "one/", "two/", "to"]).exit, 1);
});

const kind = nginx("autoindex on; autoindex_format json;");

test("a web server and a folder bring one tree together", { skip: lacks(kind) }, async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one", "two"]);
  rmSync(folder.at("one/link"));
  await using server = await startWebServer(kind);
  const url = server.serve(folder.at("one"));
  const ran = run(folder, [
    "--json",
    `--mirror=${url}/ limit=6M`,
    "--mirror=two limit=6M",
    `${url}/`,
    "to/",
  ]);
  assert.equal(ran.exit, 0, ran.stderr);
  assertSameTree(folder.at("one"), folder.at("to"), {
    // What it does not tell: modes, and times of directories.
    ignore: (_, attribute, { kind: what }) =>
      attribute === "mode" || (attribute === "mtimeNs" && what === "directory"),
  });
  assert.ok(
    summaryOf(ran).sources.every(({ bytes }) => bytes > 0),
    ran.stdout,
  );
  const again = run(folder, ["-i", `${url}/`, "to/"]);
  assert.deepEqual([again.exit, again.stdout], [0, ""], again.stderr);
});

test("a bucket that asks for signatures, and a server that asks for a name, are sources; no password is told", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder, ["one"]);
  await using store = await startObjectStore(objectsOf(folder.at("one"), "top/"));
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: storeLogin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: storeLogin.secretAccessKey,
    AWS_SESSION_TOKEN: storeLogin.sessionToken,
    AWS_ENDPOINT_URL: store.endpoint,
    HOME: folder.path,
  };
  const sync = (argv: readonly string[]): Promise<Ran> =>
    runBeside(["sync", ...argv], { cwd: folder.path, env });
  const fromStore = await sync([`s3://${storeBucket}/top/`, "got/"]);
  assert.equal(fromStore.exit, 0, fromStore.said);
  for (const path of ["large.bin", "a/f39", "a/b/deep", "nothing"]) {
    assert.ok(
      readFileSync(folder.at(`got/${path}`)).equals(readFileSync(folder.at(`one/${path}`))),
      path,
    );
  }
  const listedAt = statSync(folder.at("one")).mtimeMs;
  writeFileSync(
    folder.at("one/manifold.listing"),
    stage(folder.path, ["scan", "one", "--digests"]),
  );
  writeFileSync(folder.at(".netrc"), "machine 127.0.0.1 login me password secret\n");
  await using server = await startStaticServer(folder.at("one"), "me:secret");
  const fromServer = await sync([server.url, "served/"]);
  assert.equal(fromServer.exit, 0, fromServer.said);
  for (const below of ["a", "empty"]) assertArrived(folder, `one/${below}`, `served/${below}`);
  // The root's own time is that of the tree as it was listed.
  assert.equal(statSync(folder.at("served")).mtimeMs, listedAt);
  assert.ok(
    readFileSync(folder.at("served/large.bin")).equals(readFileSync(folder.at("one/large.bin"))),
  );
  assert.equal(readlinkSync(folder.at("served/link")), "a/b/deep");
  // One after the other, files come over the same few.
  assert.ok(server.asked.length > 40 && server.connections() <= 8, `${server.connections()}`);
  writeFileSync(folder.at(".netrc"), "machine 127.0.0.1 login me password secret2\n");
  const refused = await sync([server.url, "served/"]);
  assert.notEqual(refused.exit, 0);
  assert.match(refused.said, /name and password/);
  assert.doesNotMatch(refused.said, /secret/);
});
