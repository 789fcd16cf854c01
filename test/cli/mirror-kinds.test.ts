// One tree from several sources at once, where they are of kinds that talk to programs at their other ends.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noise } from "../source/conformance/fixture.ts";
import { startStaticServer } from "../source/http/static-server.ts";
import {
  assertSameTree,
  file,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { rsyncPlace } from "./rsync-daemon.ts";
import { runBeside } from "./run-beside.ts";
import { type Ended, runOurs } from "./run-ours.ts";
import { ServeScene } from "./serve-scene.ts";
import { noSshd, startSshd } from "./ssh-server.ts";
import { stage } from "./stages.ts";

const mtime = 1_600_000_000;

/** Makes "one", and "two", which is like it. */
function makeMirrors(folder: TemporaryFolder): void {
  const small = Array.from({ length: 30 }, (_, n) => [
    `f${n}`,
    file(noise(1 + n * 997, n), { mtime }),
  ]);
  mkdirSync(folder.at("one"));
  writeTree(
    folder.at("one"),
    treeOf({
      "large.bin": file(noise(5_000_000, 99), { mtime, mode: 0o600 }),
      "a/": { ...Object.fromEntries(small), "b/": { deep: file("deep", { mtime }) } },
      "empty/": {},
    }),
  );
  cpSync(folder.at("one"), folder.at("two"), { recursive: true, preserveTimestamps: true });
}

/** Bytes that came of each source. Those are slow enough here for one that takes two seconds to begin to bring its part. */
function sharesOf({ lines }: Ended): number[] {
  const { sources } = JSON.parse(lines.at(-1) ?? "{}") as {
    readonly sources: readonly { readonly bytes: number }[];
  };
  return sources.map(({ bytes }) => bytes);
}

test("an rsync daemon says what the tree is, and a folder helps; and the other way round", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder);
  const { env } = rsyncPlace(folder.path, folder.at("two"));
  const around = { cwd: folder.path, env };
  const pairs = [
    ["rsync://there/m/", "one/", "two", "to1"],
    ["one/", "there::m", "one", "to2"],
  ] as const;
  for (const [first, second, tree, to] of pairs) {
    const limits = [`--mirror=${first} limit=1M`, `--mirror=${second} limit=1M`];
    const ran = runOurs("manifold", ["sync", "--json", ...limits, first, to], around);
    assert.equal(ran.exit, 0, ran.stderr);
    assertSameTree(readTree(folder.at(tree)), readTree(folder.at(to)));
    const shares = sharesOf(ran);
    assert.ok(
      shares.every((bytes) => bytes > 300_000),
      ran.stdout,
    );
  }
  writeFileSync(folder.at("two/a/f3"), "not what it was");
  const stale = runOurs("manifold", ["sync", "--mirror=there::m", "one/", "to3"], around);
  assert.equal(stale.exit, 0, stale.stderr);
  assertSameTree(readTree(folder.at("one")), readTree(folder.at("to3")));
});

test("mirrors that a web server names beside its files, or a Metalink file, are used as well, unless somebody minds", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder);
  writeFileSync(
    folder.at("one/manifold.listing"),
    stage(folder.path, ["scan", "one", "--digests"]),
  );
  await using near = await startStaticServer(folder.at("one"));
  await using far = await startStaticServer(folder.at("two"));
  const around = { cwd: folder.path, env: { ...process.env, HOME: "/nonexistent" } };
  const argvOf = (source: string, to: string, more = ""): string[] => {
    return ["sync", "--json", `--mirror=${source} limit=2M${more}`, source, to];
  };
  for (let n = 0; n < 30; n++) {
    const link = `<${far.url}a/f${n}>; rel=duplicate, <http://127.0.0.1:1/a/f${n}>; rel=duplicate`;
    near.extra.set(`/a/f${n}`, { Link: link });
  }
  near.extra.set("/large.bin", { Link: `<${far.url}large.bin>; rel=duplicate` });
  const named = await runBeside(argvOf(near.url, "to1/"), around);
  assert.equal(named.exit, 0, named.said);
  const lines = named.said.split("\n").filter((line) => line.startsWith("{"));
  const shares = sharesOf({ lines } as unknown as Ended);
  assert.equal(shares.length, 2, named.said);
  assert.ok((shares[1] ?? 0) > 1_000_000, named.said);
  assertSameTree(readTree(folder.at("one/a")), readTree(folder.at("to1/a")));

  const before = far.asked.length;
  const alone = await runBeside(argvOf(near.url, "to2/", " announced=no"), around);
  assert.equal(alone.exit, 0, alone.said);
  assert.equal(far.asked.length, before);

  const digest = createHash("sha256")
    .update(readFileSync(folder.at("one/large.bin")))
    .digest("hex");
  writeFileSync(
    folder.at("one/tree.meta4"),
    `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="large.bin"><size>5000000</size><hash type="sha-256">${digest}</hash><url priority="1">${near.url}large.bin</url><url priority="2">${far.url}large.bin</url></file></metalink>`,
  );
  const listed = await runBeside(argvOf(`${near.url}tree.meta4/`, "to3/"), around);
  assert.equal(listed.exit, 0, listed.said);
  assert.ok(
    readFileSync(folder.at("to3/large.bin")).equals(readFileSync(folder.at("one/large.bin"))),
  );
  assert.ok(far.asked.slice(before).some((asked) => asked.startsWith("GET /large.bin")));
});

test("ends of ours lend content to one another: behind a remote shell, and a daemon's module", async () => {
  await using scene = await ServeScene.start("[m]\npath = DIR\n");
  const { folder } = scene;
  makeMirrors(folder);
  const shell = folder.at("shell");
  writeFileSync(shell, '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
  const program = join(import.meta.dirname, "..", "..", "manifold");
  const far = [`there:${folder.at("one")}/`, scene.url("m/two/")];
  for (const [n, [first, second]] of [far, [...far].reverse()].entries()) {
    const limits = [`--mirror=${first} limit=1M`, `--mirror=${second} limit=1M`];
    const words = ["-e", shell, `--remote-path=${program}`, ...limits, `${first}`, `to${n}/`];
    const { exit, stdout, stderr } = await scene.run(["sync", "--json", ...words]);
    assert.equal(exit, 0, stderr);
    assertSameTree(readTree(folder.at(n === 0 ? "one" : "two")), readTree(folder.at(`to${n}`)));
    const shares = sharesOf({ lines: stdout.trimEnd().split("\n") } as unknown as Ended);
    assert.ok(
      shares.every((bytes) => bytes > 300_000),
      stdout,
    );
  }
});

test("a machine that has sshd and no manifold lends what it has by SFTP, and says what the tree is", {
  skip: noSshd,
}, async () => {
  await using server = await startSshd();
  const { folder } = server;
  makeMirrors(folder);
  const far = `there:${folder.at("one")}/`;
  const words = ["--json", "-e", server.shell, "--remote-path=/nowhere/manifold"];
  const ways = [
    [`--mirror=${far} limit=4M`, "--mirror=two/ limit=1M", "two/"],
    [`--mirror=${far} limit=4M`, "--mirror=two limit=1M", far],
  ];
  for (const [n, way] of ways.entries()) {
    const ran = runOurs("manifold", ["sync", ...words, ...way, `to${n}/`], { cwd: folder.path });
    assert.equal(ran.exit, 0, ran.stderr);
    assertSameTree(readTree(folder.at("one/a")), readTree(folder.at(`to${n}/a`)), {
      // Of SFTP, to the second.
      ignore: (_, attribute, { kind }) => attribute === "mtimeNs" && kind === "directory",
    });
    assert.ok(
      readFileSync(folder.at(`to${n}/large.bin`)).equals(readFileSync(folder.at("one/large.bin"))),
    );
    assert.ok(
      sharesOf(ran).every((bytes) => bytes > 300_000),
      ran.stdout,
    );
  }
});

test("a captured changeset lends what it brings, and is a source itself", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder);
  mkdirSync(folder.at("nothing"));
  const orders = stage(folder.path, ["diff", "one", "nothing"]);
  writeFileSync(folder.at("captured"), stage(folder.path, ["send", "one"], orders));
  const limits = ["--mirror=captured limit=1M", "--mirror=two/ limit=1M"];
  const ran = runOurs("manifold", ["sync", "--json", ...limits, "two/", "to1"], {
    cwd: folder.path,
  });
  assert.equal(ran.exit, 0, ran.stderr);
  assertSameTree(readTree(folder.at("two")), readTree(folder.at("to1")));
  assert.ok(
    sharesOf(ran).every((bytes) => bytes > 300_000),
    ran.stdout,
  );
  mkdirSync(folder.at("to2"));
  writeFileSync(folder.at("to2/stays"), "it is not the changeset's to say");
  const alone = ["--delete", "--mirror=two role=data", "captured/", "to2/"];
  const second = runOurs("manifold", ["sync", ...alone], { cwd: folder.path });
  assert.equal(readFileSync(folder.at("to2/stays"), "utf8"), "it is not the changeset's to say");
  assertSameTree(readTree(folder.at("one/a")), readTree(folder.at("to2/a")));
  // Some of the tree is not known: nothing is deleted at its top, which is told.
  assert.equal(second.exit, 23, second.stderr);
});
