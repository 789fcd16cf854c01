// Trees on servers that list nothing themselves, but have a file that does: our manifest, ls-lR, checksums, Metalink.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { systemClock } from "../../../src/base/index.ts";
import { PackedEntries } from "../../../src/source/http/packed-entries.ts";
import { HttpSource, type ListedEntry, manifestName } from "../../../src/source/index.ts";
import { stage } from "../../cli/stages.ts";
import {
  file,
  hardLink,
  symlink,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../../support/index.ts";
import { isTrouble } from "../conformance/listings.ts";
import { sourceSuite } from "../conformance/source-suite.ts";
import { type StaticServer, startStaticServer } from "./static-server.ts";

const { signal } = new AbortController();

function open(url: string): HttpSource {
  return new HttpSource({ url, clock: systemClock, environment: {} });
}

function suiteOn(name: string, prepare: (folder: string) => void): void {
  sourceSuite(name, async (folder) => {
    prepare(folder);
    const server = await startStaticServer(folder);
    return { source: open(server.url), close: async () => server[Symbol.asyncDispose]() };
  });
}

function ls(folder: string, zone: string, style = "locale"): Buffer {
  const env = { ...process.env, LC_ALL: "C", TZ: zone };
  return execFileSync("ls", ["-lRA", `--time-style=${style}`, "."], { cwd: folder, env });
}

suiteOn("manifest", (folder) =>
  writeFileSync(join(folder, manifestName), stage(folder, ["scan", ".", "--digests"])),
);
suiteOn("ls-lR", (folder) => writeFileSync(join(folder, "ls-lR"), ls(folder, "UTC")));

describe("a manifest", () => {
  test("restores what servers do not tell: links, hard links, modes, exact times, digests", async () => {
    await using folder = temporaryFolder();
    const tree = treeOf({
      "\xe9 a": file("content", { mode: 0o4751, mtime: 1_600_000_000_123_456_789n }),
      link: symlink("../\xff"),
      "sub/": { first: "x" },
      twin: hardLink("sub/first"),
    });
    writeTree(folder.path, tree);
    // The shell makes it before it is written.
    writeFileSync(folder.at(manifestName), "");
    writeFileSync(folder.at(manifestName), stage(folder.path, ["scan", ".", "--digests"]));
    await using server = await startStaticServer(folder.path);
    const source = open(server.url);
    const abilities = await source.probe(signal);
    assert.ok(
      abilities.listsAtOnce && abilities.tells.hardLinks && abilities.generation !== undefined,
    );
    const { entries, isComplete } = await source.list("", signal);
    assert.equal(isComplete, true);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    assert.deepEqual([...byName.keys()].sort(), ["link", "sub", "twin", "\xe9 a"]);
    const odd = byName.get("\xe9 a");
    assert.deepEqual(
      [odd?.mode, odd?.mtime, odd?.mtimeNanos],
      [0o4751, 1_600_000_000, 123_456_789],
    );
    assert.equal(odd?.digest?.value.length, 32);
    assert.equal(byName.get("link")?.linkTarget, "../\xff");
    const [first] = (await source.list("sub", signal)).entries;
    assert.ok(
      first?.fileNumber !== undefined && first.fileNumber === byName.get("twin")?.fileNumber,
    );
    await source.close();
  });

  test("that is cut short, or damaged, is refused; something else of that name is none", async () => {
    await using folder = temporaryFolder();
    writeTree(folder.path, treeOf({ a: "a", "b/": { c: "c" } }));
    const whole = stage(folder.path, ["scan", "."]);
    await using server = await startStaticServer(folder.path);
    for (const [bytes, trouble] of [
      [whole.subarray(0, whole.length - 10), "protocol"],
      [
        Buffer.from(whole.map((byte, at) => (at === whole.length - 50 ? byte ^ 1 : byte))),
        "protocol",
      ],
      [Buffer.from("<html>everything is a page</html>"), "absent"],
    ] as const) {
      writeFileSync(folder.at(manifestName), bytes);
      const source = open(server.url);
      await assert.rejects(source.probe(signal), isTrouble(trouble));
      await source.close();
    }
  });
});

describe("ls-lR", () => {
  test("times in another zone are put right, and of old files only the day is known, which is not told", async () => {
    await using folder = temporaryFolder();
    const now = Math.floor(Date.now() / 1000);
    // In winter and in summer alike, whenever this runs: the other half is not sampled.
    writeTree(
      folder.path,
      treeOf({
        young: file("x", { mtime: now - 3600 }),
        old: file("y", { mtime: now - 86_400 * 400 }),
      }),
    );
    writeFileSync(folder.at("ls-lR.gz"), gzipSync(ls(folder.path, "<+05>-5")));
    await using server = await startStaticServer(folder.path);
    const source = open(server.url);
    const { timeStep } = await source.probe(signal);
    assert.equal(timeStep, 60);
    const { entries } = await source.list("", signal);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    assert.deepEqual([...byName.keys()].sort(), ["old", "young"]);
    const young = byName.get("young")?.mtime;
    if (young !== undefined) assert.ok(Math.abs(young - (now - 3600)) < 60);
    assert.equal(byName.get("old")?.mtime, undefined);
    assert.equal(byName.get("old")?.mode, 0o644);
    await source.close();
  });

  test("that is damaged is refused", async () => {
    await using folder = temporaryFolder();
    await using server = await startStaticServer(folder.path);
    const packed = gzipSync(ls(folder.path, "UTC"));
    for (const bytes of [
      packed.subarray(0, packed.length - 9),
      Buffer.from("no gzip"),
      gzipSync("no listing\n"),
    ]) {
      writeFileSync(folder.at("ls-lR.gz"), bytes);
      const source = open(server.url);
      await assert.rejects(source.probe(signal), isTrouble("protocol"));
      await source.close();
    }
  });
});

test("a list of checksums is a listing of names with digests", async () => {
  await using folder = temporaryFolder();
  writeTree(folder.path, treeOf({ a: "alpha", "sub/": { b: "beta" } }));
  const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
  writeFileSync(folder.at("SHA256SUMS"), `${digest("alpha")}  a\n${digest("beta")} *./sub/b\n`);
  await using server = await startStaticServer(folder.path);
  const source = open(server.url);
  await source.probe(signal);
  const top = (await source.list("", signal)).entries;
  assert.deepEqual(top.map(({ name, kind }) => `${name} ${kind}`).sort(), [
    "SHA256SUMS file",
    "a file",
    "sub directory",
  ]);
  const [entry] = (await source.list("sub", signal)).entries;
  assert.ok(entry);
  assert.equal(Buffer.from(entry.digest?.value ?? []).toString("hex"), digest("beta"));
  assert.equal((await source.look({ path: "sub/b", entry }, signal)).size, 4);
  await source.close();
});

async function withMirrors(
  act: (near: StaticServer, far: StaticServer, folder: string) => Promise<void>,
): Promise<void> {
  await using folder = temporaryFolder();
  writeTree(folder.path, treeOf({ "pub/": { "x y.iso": "image", "deep/": { z: "z" } } }));
  await using near = await startStaticServer(folder.path);
  await using far = await startStaticServer(folder.path);
  await act(near, far, folder.path);
}

test("a Metalink file is a source: its files, from the place that has most of them", () =>
  withMirrors(async (near, far, folder) => {
    const sha = createHash("sha256").update("image").digest("hex");
    const urls = (path: string): string =>
      `<url priority="1">${far.url}pub/${path}</url><url priority="2">http://127.0.0.1:9/else/${path}</url>`;
    writeFileSync(
      join(folder, "set.meta4"),
      `<metalink xmlns="urn:ietf:params:xml:ns:metalink">
<file name="x y.iso"><size>5</size><hash type="sha-256">${sha}</hash>${urls("x%20y.iso")}</file>
<file name="deep/z"><size>1</size>${urls("deep/z")}</file></metalink>`,
    );
    const source = open(`${near.url}set.meta4`);
    await source.probe(signal);
    const { entries } = await source.list("", signal);
    const [image] = entries.filter(({ kind }) => kind === "file");
    assert.ok(image?.name === "x y.iso" && image.size === 5 && image.digest !== undefined);
    let text = "";
    for await (const bytes of source.read(
      { path: image.name, entry: image },
      { offset: 0, length: 5 },
      signal,
    ))
      text += Buffer.from(bytes).toString();
    assert.equal(text, "image");
    assert.ok(
      far.asked.includes("GET /pub/x%20y.iso") && !near.asked.includes("GET /pub/x%20y.iso"),
    );
    await source.close();
  }));

test("mirrors that a server names beside its files are found, by Link headers or a Metalink file", () =>
  withMirrors(async (near, far, folder) => {
    const source = open(`${near.url}pub/`);
    near.extra.set("/pub/x%20y.iso", {
      Link: `<${far.url}mirror/x%20y.iso>; rel=duplicate; pri=2; geo=de, <http://other.example/y.iso>; rel=duplicate, <${far.url}pub/x y.iso>; rel=duplicate; pri=1`,
    });
    assert.deepEqual(await source.mirrors("x y.iso", signal), [
      { url: `${far.url}pub/`, priority: 1, location: undefined },
      { url: `${far.url}mirror/`, priority: 2, location: "de" },
    ]);
    near.extra.set("/pub/deep/z", {
      Link: '</z.meta4>; rel=describedby; type="application/metalink4+xml"',
    });
    writeFileSync(
      join(folder, "z.meta4"),
      `<metalink><file name="z"><url>${far.url}m/deep/z</url></file></metalink>`,
    );
    assert.deepEqual(
      (await source.mirrors("deep/z", signal)).map(({ url }) => url),
      [`${far.url}m/`],
    );
    await source.close();
  }));

test("files that a distributor has elsewhere come from one place for the rest of the run", () =>
  withMirrors(async (near, far, folder) => {
    writeFileSync(join(folder, "pub", manifestName), stage(folder, ["scan", "pub"]));
    near.extra.set("/pub/x%20y.iso", { ":status": "302", Location: `${far.url}pub/x%20y.iso` });
    const source = open(`${near.url}pub/`);
    await source.probe(signal);
    const { entries } = await source.list("deep", signal);
    const [entry] = entries;
    assert.ok(entry);
    const before = far.asked.length;
    assert.equal((await source.look({ path: "deep/z", entry }, signal)).size, 1);
    assert.deepEqual(far.asked.slice(before), ["HEAD /pub/deep/z"]);
    await source.close();
  }));

test("a compressed file is read as it is, whatever the server calls its encoding; others are refused encoded", async () => {
  await using folder = temporaryFolder();
  const names = ["a.tar.gz", "b.txt"];
  writeTree(folder.path, treeOf({ [names[0] as string]: "packed", [names[1] as string]: "plain" }));
  writeFileSync(folder.at(manifestName), stage(folder.path, ["scan", "."]));
  await using server = await startStaticServer(folder.path);
  for (const name of names) server.extra.set(`/${name}`, { "Content-Encoding": "x-gzip" });
  const source = open(server.url);
  await source.probe(signal);
  const { entries } = await source.list("", signal);
  const read = async (name: string): Promise<string> => {
    const entry = entries.find((each) => each.name === name);
    assert.ok(entry);
    let text = "";
    for await (const bytes of source.read(
      { path: name, entry },
      { offset: 0, length: 5 },
      signal,
    )) {
      text += Buffer.from(bytes).toString();
    }
    return text;
  };
  assert.equal(await read("a.tar.gz"), "packe");
  await assert.rejects(read("b.txt"), isTrouble("protocol"));
  await source.close();
});

test("a server that lists nothing in any form is told as such, but as a mirror it is of use", async () => {
  await using folder = temporaryFolder();
  writeTree(folder.path, treeOf({ a: "alpha" }));
  await using server = await startStaticServer(folder.path);
  const source = open(server.url);
  await assert.rejects(source.probe(signal), isTrouble("absent"));
  await source.close();
  const mirror = new HttpSource({
    url: server.url,
    clock: systemClock,
    environment: {},
    isMirror: true,
  });
  assert.equal((await mirror.probe(signal)).timeStep, 1);
  await assert.rejects(mirror.list("", signal), isTrouble("absent"));
  const entry = { name: "a", kind: "file", size: 5 } as const;
  for await (const bytes of mirror.read({ path: "a", entry }, { offset: 1, length: 3 }, signal)) {
    assert.equal(Buffer.from(bytes).toString(), "lph");
  }
  await mirror.close();
});

test("entries that are packed come out as they went in", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const name = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 20 });
  const entry = fc.record(
    {
      name,
      kind: fc.constantFrom("file" as const, "directory" as const, "symlink" as const),
      size: fc.maxSafeNat(),
      mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      mtimeNanos: fc.nat({ max: 999_999_999 }),
      mode: fc.nat({ max: 0o7777 }),
      uid: fc.nat({ max: 0xffff_ffff }),
      user: fc.constantFrom("root", "me"),
      group: name,
      linkTarget: name,
      sizeSlack: fc.nat(),
      digest: fc.record(
        {
          algorithm: fc.constantFrom("blake3" as const, "sha256" as const),
          value: fc.oneof(bytes(32), bytes(20)),
        },
        { noNullPrototype: true },
      ),
    },
    { requiredKeys: ["name", "kind"], noNullPrototype: true },
  );
  const plain = (one: ListedEntry): unknown =>
    Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const packed = new PackedEntries(entries).entries();
      assert.deepEqual(packed.map(plain), entries.map(plain));
    }),
  );
});
