// Catalogs that say where else a file is (Metalink, Link headers), and pages of object stores.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ManifoldError, toBytes } from "../../src/base/index.ts";
import {
  parseBucketError,
  parseBucketPage,
  parseDigestHeader,
  parseLinks,
  parseMetalink,
} from "../../src/catalog/index.ts";

const sha = "ab".repeat(32);

function refused(act: () => unknown, says: RegExp): void {
  assert.throws(
    act,
    (error) =>
      error instanceof ManifoldError && error.code === "protocol-data" && says.test(error.message),
  );
}

const meta4 = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE metalink [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>
<metalink xmlns="urn:ietf:params:xml:ns:metalink">
  <file name="dir/a &amp; b.iso">
    <size>5</size>
    <hash type="md5">${"cd".repeat(16)}</hash>
    <hash type="sha-512">${"00".repeat(64)}</hash>
    <hash type="sha-256">${sha}</hash>
    <pieces length="3" type="sha-1"><hash>${"11".repeat(20)}</hash><hash>${"22".repeat(20)}</hash></pieces>
    <url location="DE" priority="2">http://b.example/x?a=1&amp;b=2</url>
    <url priority="1">https://a.example/x</url>
    <url>ftp://c.example/x</url>
    <metaurl mediatype="torrent">http://t.example/x.torrent</metaurl>
  </file>
  <file name="&lol2;z"><size>1</size></file>
</metalink>`;

test("Metalink 4: sizes, the strongest digest, pieces, URLs by priority; no entities of its own", () => {
  const files = parseMetalink(toBytes(meta4));
  assert.equal(files.length, 2);
  const [file] = files;
  assert.equal(file?.path, "dir/a & b.iso");
  assert.equal(file?.size, 5);
  assert.equal(file?.digest?.algorithm, "sha256");
  assert.equal(Buffer.from(file?.digest?.value ?? []).toString("hex"), sha);
  assert.deepEqual(
    [file?.pieces?.algorithm, file?.pieces?.length, file?.pieces?.values.length],
    ["sha1", 3, 2],
  );
  assert.deepEqual(file?.urls, [
    { url: "https://a.example/x", priority: 1, location: undefined },
    { url: "http://b.example/x?a=1&b=2", priority: 2, location: "de" },
  ]);
  assert.equal(files[1]?.path, "&lol2;z");
  assert.equal(parseMetalink(toBytes(meta4.replace("<size>5<", "<size>7<")))[0]?.pieces, undefined);
});

test("Metalink 3: resources with preferences, verification", () => {
  const text = `<metalink version="3.0" xmlns="http://www.metalinker.org/"><files><file name="x.iso">
    <size>10</size><verification><hash type="sha256">${sha}</hash>
    <pieces type="sha1" length="10"><hash piece="0">${"11".repeat(20)}</hash></pieces></verification>
    <resources maxconnections="2"><url type="http" preference="10">http://slow.example/x</url>
    <url type="http" preference="100">http://fast.example/x</url><url type="bittorrent">http://t/x.torrent.not</url></resources>
  </file></files></metalink>`;
  const [file] = parseMetalink(toBytes(text));
  assert.deepEqual(
    file?.urls.map(({ url, priority }) => [url, priority]),
    [
      ["http://fast.example/x", 1],
      ["http://slow.example/x", 91],
      ["http://t/x.torrent.not", 999_999],
    ],
  );
  assert.equal(file?.digest?.algorithm, "sha256");
  assert.equal(file?.pieces?.values.length, 1);
});

test("Metalink: paths that lead out, and what is none, are refused", () => {
  for (const name of ["../x", "/etc/passwd", "a/../../x", "", "a//b"]) {
    refused(
      () => parseMetalink(toBytes(`<metalink><file name="${name}"></file></metalink>`)),
      /names/,
    );
  }
  refused(() => parseMetalink(toBytes("<html></html>")), /no <metalink>/);
  refused(() => parseMetalink(toBytes("")), /no XML/);
  refused(() => parseMetalink(toBytes(meta4.slice(0, 400))), /ends inside/);
  refused(() => parseMetalink(toBytes("<a>".repeat(40))), /nested more than 32/);
  refused(
    () => parseMetalink(toBytes(`<metalink><file name="x"><size>${" ".repeat(70_000)}`)),
    /bytes of text/,
  );
});

test("Link headers: duplicates in their order, relative targets, a Metalink file", () => {
  const header = [
    '<http://b.example/x>; rel=duplicate; pri=2; geo="DE"',
    '</y, z>; rel="duplicate"; pri=1; pref; depth=3',
    "<ftp://c.example/x>; rel=duplicate",
    '<x.meta4>; rel=describedby; type="application/metalink4+xml"',
    '<x.torrent>; rel=describedby; type="application/x-bittorrent"',
    '<http://last.example/x>; rel="alternate duplicate"',
  ].join(", ");
  const { mirrors, metalink } = parseLinks(header, "http://a.example/pub/x");
  assert.deepEqual(mirrors, [
    {
      url: "http://a.example/y,%20z",
      priority: 1,
      sharesTags: true,
      depth: 3,
      location: undefined,
    },
    { url: "http://b.example/x", priority: 2, sharesTags: false, depth: undefined, location: "de" },
    {
      url: "http://last.example/x",
      priority: 999_999,
      sharesTags: false,
      depth: undefined,
      location: undefined,
    },
  ]);
  assert.equal(metalink, "http://a.example/pub/x.meta4");
  for (const bad of [
    "",
    "nonsense",
    "<",
    "<http://x",
    `<x>${";".repeat(5000)}`,
    "<http://[>; rel=duplicate",
  ]) {
    assert.deepEqual(parseLinks(bad, "http://a.example/").mirrors, [], bad);
  }
});

test("Digest headers of both kinds", () => {
  const base64 = Buffer.from(sha, "hex").toString("base64");
  for (const header of [
    `SHA-256=${base64}`,
    `md5=AAAA, sha-256=:${base64}:`,
    `MD5=${"A".repeat(22)}==,SHA-256=${base64}`,
  ]) {
    assert.equal(parseDigestHeader(header)?.algorithm, "sha256", header);
  }
  assert.equal(parseDigestHeader("sha-256=AAAA, crc32=1"), undefined);
});

test("pages of a bucket: keys as bytes, prefixes, what comes next", () => {
  const text = `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>p/</Prefix>
<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>1/a+b=&amp;</NextContinuationToken>
<Contents><Key>p/a+b%2Bc%E9</Key><LastModified>2026-11-27T13:28:47.000Z</LastModified><ETag>&quot;abc&quot;</ETag><Size>12</Size><Owner><ID>x</ID></Owner></Contents>
<CommonPrefixes><Prefix>p/sub/</Prefix></CommonPrefixes></ListBucketResult>`;
  const page = parseBucketPage(toBytes(text));
  assert.deepEqual(page, {
    objects: [
      {
        key: "p/a b+c\xe9",
        size: 12,
        tag: '"abc"',
        seconds: Date.UTC(2026, 10, 27, 13, 28, 47) / 1000,
      },
    ],
    prefixes: ["p/sub/"],
    next: "1/a+b=&",
  });
  refused(() => parseBucketPage(toBytes(text.replace(/<Next.*Token>/, ""))), /does not say how/);
  refused(() => parseBucketPage(toBytes("<html></html>")), /no <ListBucketResult>/);
  refused(() => parseBucketPage(toBytes(text.replace("<Size>12</Size>", ""))), /without a size/);
  const error = "<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>";
  assert.deepEqual(parseBucketError(toBytes(error)), {
    code: "NoSuchKey",
    message: "The key does not exist.",
  });
  assert.equal(parseBucketError(toBytes("nginx: bad gateway")), undefined);
});
