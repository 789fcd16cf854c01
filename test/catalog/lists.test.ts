// Catalogs that are text: ls-lR, lists of checksums, Debian's indices.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync } from "node:fs";
import { test } from "node:test";
import { fromBytes, fromText, ManifoldError, toBytes } from "../../src/base/index.ts";
import {
  ChecksumListReader,
  DebianIndexReader,
  formatHttpDate,
  LsReader,
  parseDebianRelease,
  parseHttpDate,
  parseIsoTime,
} from "../../src/catalog/index.ts";
import { file, readTree, symlink, temporaryFolder, treeOf, writeTree } from "../support/index.ts";
import { brief, readEntries } from "./read.ts";

const madeAt = Date.UTC(2026, 10, 27, 13, 22) / 1000;

function ls(text: string, step?: number) {
  return readEntries(text, (sink) => new LsReader({ madeAt, sink }), step);
}

function refused(act: () => unknown, says: RegExp): void {
  assert.throws(
    act,
    (error) =>
      error instanceof ManifoldError && error.code === "protocol-data" && says.test(error.message),
  );
}

const debianList = `.:
total 1488
-rw-rw-r--  1 1176 1176    1186 Feb 10  2024 README
drwxr-sr-x 18 1176 1176    4096 Nov 28  2025 dists
lrwxrwxrwx  1 1176 1176      12 Dec  3 10:00 link -> ../else -> x
crw-rw-rw-  1 root root  1,   3 Nov 27 13:21 null

./dists:
total 4
drwsr-xr-T 18 1176 1176 4096 Nov 27 13:21 a b
-rw-r--r--  1 user grp 5368709120 Nov 28 10:00  two blanks
`;

test("ls -lR: sizes, modes, links, and dates of a year that is not written", () => {
  for (const step of [1, 11, debianList.length]) {
    const entries = ls(debianList, step);
    assert.deepEqual(entries.map(brief), [
      "README file 1186 2024-02-10T00:00:00/86400",
      "dists directory 2025-11-28T00:00:00/86400",
      "link symlink 2025-12-03T10:00:00/60",
      "null other 2026-11-27T13:21:00/60",
      "dists/a b directory 2026-11-27T13:21:00/60",
      "dists/ two blanks file 5368709120 2026-11-28T10:00:00/60",
    ]);
    assert.deepEqual(
      entries.map(({ mode }) => mode),
      [0o664, 0o2755, 0o777, 0o666, 0o5754, 0o644],
    );
    assert.equal(entries[2]?.linkTarget, "../else -> x");
    assert.deepEqual([entries[5]?.user, entries[5]?.group], ["user", "grp"]);
  }
});

test("ls -lR of a real tree, in all its forms, is that tree", () => {
  using folder = temporaryFolder();
  const now = Math.floor(Date.now() / 1000);
  const tree = treeOf({
    " lead": file("x", { mtime: now - 100 }),
    "sub -> dir/": { "b:": file("", { mtime: 86_400 * 366 }), "deep/": { "\xe9\xff": "content" } },
    "set-ids": file("", { mode: 0o6711, mtime: now - 86_400 * 200 }),
    "sticky/": {},
    link: symlink("a -> b"),
    "total 7": "",
  });
  writeTree(folder.path, tree);
  chmodSync(folder.at("sticky"), 0o1770);
  const { entries } = readTree(folder.path);
  for (const style of ["locale", "long-iso", "full-iso"]) {
    const bytes = execFileSync("ls", ["-lRa", `--time-style=${style}`, "."], {
      cwd: folder.path,
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    });
    const found = readEntries(fromBytes(bytes), (sink) => new LsReader({ madeAt: now, sink }));
    assert.deepEqual(
      found.map(({ path }) => path).sort(),
      [...entries.keys()].filter((path) => path !== "").sort(),
    );
    for (const { path, kind, size, time, mode, linkTarget = "" } of found) {
      const entry = entries.get(path);
      assert.ok(entry);
      assert.deepEqual([kind, mode, linkTarget], [entry.kind, entry.mode, entry.target], path);
      if (kind === "file") assert.equal(size, entry.size, path);
      const { seconds = 0, nanos = 0, step = 0 } = time ?? {};
      const late = entry.mtimeNs - (BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
      assert.ok(
        late >= 0n && late <= BigInt(step) * 1_000_000_000n,
        `${path} in ${style}: ${late}`,
      );
    }
  }
});

test("ls -lR: what leads out, or is no listing, is refused", () => {
  refused(() => ls(".:\n-rw-r--r-- 1 a b 1 Nov 27 13:21 x/y\n"), /names "\/x\/y"/);
  refused(() => ls("/srv:\n\n/srv/../etc:\n"), /names "\.\.\/etc"/);
  refused(() => ls("/srv:\n\n/etc:\n"), /names "\/etc"/);
  refused(() => ls("<html>\n"), /does not write/);
  refused(() => ls("x".repeat(70_000)), /line of more than 65536 bytes/);
  assert.deepEqual(
    ls(
      ".:\ndrwx------ 1 a b 1 Nov 27 13:21 .manifold\n\n./.manifold:\n-rw------- 1 a b 1 Nov 27 13:21 x\n",
    ),
    [],
  );
});

test("lists of checksums: both forms, escaped names, what coreutils writes", () => {
  using folder = temporaryFolder();
  const content = "content";
  writeTree(
    folder.path,
    treeOf({
      "a b": content,
      "back\\slash": content,
      "new\nline": content,
      "d/": { "*x": content },
    }),
  );
  const names = ["a b", "back\\slash", "new\nline", "d/*x", "./a b"];
  const programs = { md5sum: "md5", sha1sum: "sha1", sha256sum: "sha256" } as const;
  for (const [program, algorithm] of Object.entries(programs)) {
    for (const options of [[], ["--tag"], ["--binary"]]) {
      const text = fromBytes(execFileSync(program, [...options, ...names], { cwd: folder.path }));
      const open = (
        sink: Parameters<typeof readEntries>[1] extends (sink: infer S) => unknown ? S : never,
      ) => new ChecksumListReader({ catalog: "SUMS", algorithm: algorithm as "md5", sink });
      const entries = readEntries(`# a comment\n\n${text}`, open, 5);
      assert.deepEqual(
        entries.map(({ path }) => path),
        ["a b", "back\\slash", "new\nline", "d/*x", "a b"],
      );
      const expected = createHash(algorithm).update(content).digest("hex");
      for (const { digest } of entries) {
        assert.equal(digest?.algorithm, algorithm);
        assert.equal(Buffer.from(digest?.value ?? []).toString("hex"), expected);
      }
    }
  }
  const read = (text: string) =>
    readEntries(
      text,
      (sink) => new ChecksumListReader({ catalog: "SUMS", algorithm: "sha256", sink }),
    );
  refused(() => read(`${"0".repeat(64)}  ../x\n`), /SUMS names "\.\.\/x"/);
  refused(() => read(`${"0".repeat(64)}  /etc/passwd\n`), /names/);
  refused(() => read("<html>\n"), /no checksum/);
  assert.equal(
    read(`${"0".repeat(128)}  x\n`)[0]?.digest,
    undefined,
    "of a length that is not the algorithm's",
  );
});

const sum = "a".repeat(64);
const release = `Origin: Debian
Suite: stable
Codename: bookworm
Date: Sat, 10 Oct 2026 09:52:10 UTC
Valid-Until: Sat, 17 Oct 2026 09:52:10 UTC
Acquire-By-Hash: yes
MD5Sum:
 ${"b".repeat(32)} 1 main/binary-all/Packages
SHA256:
 ${sum}     5012 main/binary-amd64/Packages.gz
 ${sum}        0 main/source/Sources
`;

test("Release and InRelease: the strongest digests, dates, no signature", () => {
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${release}-----BEGIN PGP SIGNATURE-----\n\niQIz: x\n-----END PGP SIGNATURE-----\n`;
  for (const text of [release, signed, signed.replaceAll("\n", "\r\n")]) {
    const parsed = parseDebianRelease(toBytes(text));
    assert.deepEqual(
      [parsed.suite, parsed.codename, parsed.hasByHash],
      ["stable", "bookworm", true],
    );
    assert.deepEqual(
      [parsed.date, parsed.validUntil].map((s) => new Date((s ?? 0) * 1000).toISOString()),
      ["2026-10-10T09:52:10.000Z", "2026-10-17T09:52:10.000Z"],
    );
    assert.deepEqual(parsed.files.map(brief), [
      "main/binary-amd64/Packages.gz file 5012",
      "main/source/Sources file 0",
    ]);
    assert.equal(parsed.files[0]?.digest?.algorithm, "sha256");
  }
  refused(() => parseDebianRelease(toBytes(release.replace("main/source", "../source"))), /names/);
  refused(() => parseDebianRelease(toBytes("Origin: x\n")), /names no files/);
  refused(() => parseDebianRelease(toBytes("")), /no fields/);
});

test("Packages and Sources: files of the pool with size and digest", () => {
  const packages = `Package: a\nDescription: x\n long\n .\nFilename: pool/main/a/a_1%3a2_all.deb\nSize: 12\nMD5sum: ${"b".repeat(32)}\nSHA256: ${sum}\n\n\nPackage: b\nFilename: ./b.deb\nSize: 3\n`;
  const sources = `Package: a\nDirectory: pool/main/a\nFiles:\n ${"b".repeat(32)} 5 a.dsc\nChecksums-Sha256:\n ${sum} 5 a.dsc\n ${sum} 77 a.tar.xz\n`;
  const read = (text: string) =>
    readEntries(text, (sink) => new DebianIndexReader("Packages", sink), 9);
  const found = read(packages);
  assert.deepEqual(found.map(brief), ["pool/main/a/a_1%3a2_all.deb file 12", "b.deb file 3"]);
  assert.deepEqual(
    found.map(({ digest }) => digest?.algorithm),
    ["sha256", undefined],
  );
  assert.deepEqual(read(sources).map(brief), [
    "pool/main/a/a.dsc file 5",
    "pool/main/a/a.tar.xz file 77",
  ]);
  refused(() => read(packages.replace("pool/main", "/pool")), /names/);
  refused(() => read(packages.replace("Size: 12", "Size: -1")), /no number/);
  refused(() => read("Package: x\n"), /names no file/);
});

test("dates in the forms of HTTP and RFC 3339", () => {
  const expected = Date.UTC(1994, 10, 6, 8, 49, 37) / 1000;
  for (const text of [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Sun, 06 Nov 1994 09:49:37 +0100",
  ]) {
    assert.equal(parseHttpDate(text), expected, text);
  }
  assert.deepEqual(parseIsoTime("1994-11-06T03:49:37.5-05:00"), {
    seconds: expected,
    nanos: 500_000_000,
  });
  for (const bad of [
    "",
    "Sun, 31 Feb 1994 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "yesterday",
  ]) {
    assert.equal(parseHttpDate(bad), undefined, bad);
  }
  for (let year = 1880; year < 2120; year++) {
    for (const [month, day] of [
      [0, 1],
      [1, 28],
      [11, 31],
      [6, 15],
    ] as const) {
      const date = new Date(Date.UTC(year, month, day, 1, 2, 3));
      assert.equal(parseHttpDate(date.toUTCString()), date.getTime() / 1000);
      if (date.getTime() >= 0)
        assert.equal(formatHttpDate(date.getTime() / 1000), date.toUTCString());
    }
  }
  assert.equal(fromText("é").length, 2);
});
