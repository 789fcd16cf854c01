// A partial Debian mirror of real packages, on two servers that are at different versions: what each has right helps, and what it
// has wrong is found out before a byte of it is taken.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../src/base/index.ts";
import { digestOf } from "../../../src/hash/index.ts";
import {
  HttpSource,
  type Source,
  SourceError,
  type SourceFile,
} from "../../../src/source/index.ts";
import { temporaryFolder } from "../../support/index.ts";
import { isTrouble } from "../conformance/listings.ts";
import { collectPackages, makePackage, writeArchive } from "./debian-archive.ts";
import { startStaticServer } from "./static-server.ts";
import { findProgram, lacks, nginx, startWebServer } from "./web-servers.ts";

const { signal } = new AbortController();
const index = nginx("autoindex on;");
const skip =
  findProgram("dpkg-deb") === undefined
    ? "no dpkg-deb in PATH"
    : findProgram("xz") === undefined
      ? "no xz in PATH"
      : false;
const packagesCount = 12;
const newest = Date.UTC(2026, 5, 10, 12) / 1000;
const older = newest - 86_400 * 30;

function open(url: string): HttpSource {
  return new HttpSource({
    url,
    clock: systemClock,
    environment: {},
    suites: ["stable", "missing"],
  });
}

async function walk(source: Source, path = ""): Promise<SourceFile[]> {
  const { entries } = await source.list(path, signal);
  const files: SourceFile[] = [];
  for (const entry of entries) {
    const inner = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.kind === "directory") files.push(...(await walk(source, inner)));
    else files.push({ path: inner, entry });
  }
  return files;
}

async function bytesOf(source: Source, wanted: SourceFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const length = wanted.entry.size as number;
  for await (const bytes of source.read(wanted, { offset: 0, length }, signal))
    pieces.push(Buffer.from(bytes));
  return Buffer.concat(pieces);
}

/** Two archives: the second one is a month behind, lacks a package, and has another one under the same name. */
function makeArchives(folder: string): { readonly now: string; readonly before: string } {
  const packages = collectPackages(join(folder, "cache"), packagesCount);
  const late = makePackage(join(folder, "cache"), "late", "2.0");
  const again = makePackage(join(folder, "cache"), "again", "1.0");
  const now = join(folder, "now");
  const before = join(folder, "before");
  writeArchive(now, {
    packages: [...packages, late, again],
    madeAt: newest,
    forms: [".gz", ".xz"],
  });
  writeFileSync(
    join(folder, "cache/again-tree/usr/share/doc/again/copyright"),
    "another text, by mistake under the same version\n".repeat(50),
  );
  writeArchive(before, {
    packages: [...packages, makePackage(join(folder, "cache"), "again", "1.0")],
    madeAt: older,
    forms: ["", ".xz"],
  });
  // Both were made within one minute, which is as exact as an index tells.
  for (const path of readdirSync(before, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith("/again_1.0_all.deb")) utimesSync(join(before, path), 1e9, 1e9);
  }
  return { now, before };
}

test("the indices of an archive are a whole listing, with digests that fit what comes", {
  skip,
}, async () => {
  await using folder = temporaryFolder();
  const { now, before } = makeArchives(folder.path);
  for (const [top, forms] of [
    [now, 2],
    [before, 2],
  ] as const) {
    await using server = await startStaticServer(top);
    const source = open(server.url);
    const { listsAtOnce, generation } = await source.probe(signal);
    assert.ok(listsAtOnce && generation?.startsWith("dists/stable ") === true);
    const files = await walk(source);
    const pool = files.filter(({ path }) => path.startsWith("pool/"));
    assert.equal(pool.length, top === now ? packagesCount + 2 : packagesCount + 1);
    assert.equal(files.length - pool.length, 2 + forms);
    for (const wanted of pool) {
      const bytes = await bytesOf(source, wanted);
      assert.deepEqual(
        Buffer.from(digestOf("sha256", bytes)),
        Buffer.from(wanted.entry.digest?.value ?? []),
        wanted.path,
      );
    }
    await source.close();
  }
});

test("an index that is not the one its Release file means is not believed", { skip }, async () => {
  await using folder = temporaryFolder();
  const { now } = makeArchives(folder.path);
  const path = join(now, "dists/stable/main/binary-all/Packages.gz");
  const whole = readFileSync(path);
  for (const bytes of [
    whole.subarray(0, whole.length - 20),
    Buffer.concat([whole, Buffer.from([0])]),
  ]) {
    writeFileSync(path, bytes);
    await using server = await startStaticServer(now);
    const source = open(server.url);
    await assert.rejects(source.probe(signal), isTrouble("changed"));
    await source.close();
  }
  rmSync(path);
  await using server = await startStaticServer(now);
  const source = open(server.url);
  assert.ok((await source.probe(signal)).listsAtOnce, "the form that is left is read");
  await source.close();
});

test("a mirror that is behind gives what is the same, and nothing else", {
  skip: skip || lacks(index),
}, async () => {
  await using folder = temporaryFolder();
  const { now, before } = makeArchives(folder.path);
  await using servers = await startWebServer(index);
  const fresh = open(servers.serve(now));
  const stale = open(servers.serve(before));
  await fresh.probe(signal);
  await stale.probe(signal);
  const files = await walk(fresh);
  assert.ok(files.length > packagesCount);
  const troubles = new Map<string, string>();
  let same = 0;
  for (const { path, entry } of files) {
    const exact = await fresh.look({ path, entry }, signal);
    // What another source has said: its own marks mean nothing here, and its times are minutes.
    const wanted = { path, entry: { ...exact, mtimeSlack: 60 } };
    try {
      assert.ok((await bytesOf(stale, wanted)).equals(readFileSync(join(now, path))), path);
      same++;
    } catch (error) {
      assert.ok(error instanceof SourceError, String(error));
      troubles.set(path.replace(/.*\//, ""), error.trouble);
    }
  }
  assert.equal(same, packagesCount);
  assert.deepEqual(Object.fromEntries(troubles), {
    InRelease: "changed",
    Release: "changed",
    "Packages.gz": "absent",
    "Packages.xz": "changed",
    "again_1.0_all.deb": "changed",
    "late_2.0_all.deb": "absent",
  });
  await fresh.close();
  await stale.close();
});
