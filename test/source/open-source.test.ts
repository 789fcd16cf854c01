// Which source a URL means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/base/index.ts";
import { openSourceAt, type SourceGround } from "../../src/source/index.ts";

const ground: SourceGround = { clock: systemClock, environment: {}, isMirror: false };

test("URLs are opened by their schemes, and shown without passwords", () => {
  const shown = {
    "http://user:secret@host:81/top?x": "http://host:81/top/",
    "HTTPS://host": "https://host/",
    "http://host/debian/#suites=stable": "http://host/debian/",
    "sftp://user:secret@host:2222/a/b": "sftp://user@host:2222/a/b",
    "sftp://[::1]/~/b": "sftp://::1/b",
    "s3://bucket/a/b": "s3://bucket/a/b/",
    "s3://bucket": "s3://bucket/",
  };
  for (const [url, expected] of Object.entries(shown))
    assert.equal(openSourceAt(url, ground)?.url, expected);
});

test("what others open is left to them", () => {
  for (const place of [
    "/path",
    "host:path",
    "manifold://host/module",
    "rsync://host/module",
    "ftp://host/",
  ]) {
    assert.equal(openSourceAt(place, ground), undefined, place);
  }
});

test("what is no URL is refused, and no password is shown", () => {
  for (const url of ["http://", "http://me:secret@[", "sftp://", "sftp://me:secret@host:x/"]) {
    assert.throws(
      () => openSourceAt(url, ground),
      (error) => /is no URL/.test(String(error)) && !/secret/.test(String(error)),
      url,
    );
  }
  const environment = { AWS_ENDPOINT_URL: "no url" };
  assert.throws(() => openSourceAt("s3://bucket/x", { ...ground, environment }), { code: "usage" });
});
