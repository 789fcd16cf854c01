// Trees in object stores: signatures by the published examples, the conformance suite on a store of our own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../src/base/index.ts";
import { signRequest } from "../../../src/source/http/sign-request.ts";
import {
  type BucketSourceSettings,
  bucketCredentials,
  type HttpSource,
  openBucket,
} from "../../../src/source/index.ts";
import { isTrouble } from "../conformance/listings.ts";
import { sourceSuite } from "../conformance/source-suite.ts";
import { objectsOf, startObjectStore, storeBucket, storeLogin } from "./object-store.ts";

const { signal } = new AbortController();

function open(endpoint: string, settings: Partial<BucketSourceSettings> = {}): HttpSource {
  return openBucket({
    bucket: storeBucket,
    prefix: "",
    endpoint,
    credentials: storeLogin,
    tellsTimes: true,
    clock: systemClock,
    environment: {},
    ...settings,
  });
}

sourceSuite("object store", async (folder) => {
  const prefix = "a b+c/\xe9&/";
  const store = await startObjectStore(objectsOf(folder, prefix));
  const close = async () => store[Symbol.asyncDispose]();
  return { source: open(store.endpoint, { prefix: prefix.slice(0, -1) }), close };
});

sourceSuite("object store as a mirror", async (folder) => {
  const store = await startObjectStore(objectsOf(folder, ""));
  const close = async () => store[Symbol.asyncDispose]();
  return { source: open(store.endpoint, { tellsTimes: false }), close };
});

test("requests are signed as the published examples are", () => {
  // The signature test suite, and "Examples: Signature Calculations" of the S3 API Reference.
  const suite = {
    credentials: {
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    },
    region: "us-east-1",
    service: "service",
    now: Date.UTC(2015, 7, 30, 12, 36) / 1000,
    tellsDigest: false,
  };
  const s3 = {
    credentials: {
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    },
    region: "us-east-1",
    service: "s3",
    now: Date.UTC(2013, 4, 24) / 1000,
    tellsDigest: true,
  };
  const place = "https://examplebucket.s3.amazonaws.com";
  const examples = [
    [
      "https://example.amazonaws.com/",
      suite,
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ],
    [
      "https://example.amazonaws.com/?Param2=value2&Param1=value1",
      suite,
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      `${place}/test.txt`,
      { ...s3, headers: { range: "bytes=0-9" } },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      `${place}/?max-keys=2&prefix=J`,
      s3,
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
    [`${place}/?lifecycle`, s3, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
  ] as const;
  for (const [url, settings, signature] of examples) {
    const { Authorization = "" } = signRequest("GET", new URL(url), settings);
    assert.ok(Authorization.endsWith(`Signature=${signature}`), `${url}: ${Authorization}`);
  }
});

test("a store that lets nobody in is told with its own word, and no secret", async () => {
  await using store = await startObjectStore(new Map());
  for (const [credentials, code] of [
    [undefined, "AccessDenied"],
    [{ ...storeLogin, secretAccessKey: "another secret" }, "SignatureDoesNotMatch"],
    [{ ...storeLogin, accessKeyId: "AKOTHER" }, "InvalidAccessKeyId"],
  ] as const) {
    const source = open(store.endpoint, { credentials });
    await assert.rejects(source.probe(signal), (error) => {
      assert.match(String(error), new RegExp(code));
      assert.doesNotMatch(String(error), /secret/);
      return isTrouble("refused")(error);
    });
    await source.close();
  }
  const source = open(store.endpoint, { bucket: "no-such-bucket" });
  await source.probe(signal);
  await assert.rejects(source.list("", signal), isTrouble("absent"));
  await source.close();
  assert.throws(() => open(store.endpoint, { bucket: "../x" }), { code: "usage" });
});

test("keys that are no names, or two things of one name, make a listing incomplete", async () => {
  const object = { bytes: Buffer.from("x"), seconds: 1_600_000_000 };
  const keys = ["plain", "two", "two/below", "/leading", "../up", "a//b", ".manifold/x"];
  await using store = await startObjectStore(new Map(keys.map((key) => [key, object])));
  const source = open(store.endpoint);
  await source.probe(signal);
  const top = await source.list("", signal);
  assert.deepEqual(top.entries.map(({ name }) => name).sort(), ["a", "plain", "two"]);
  assert.equal(top.isComplete, false);
  assert.equal((await source.list("a", signal)).isComplete, false);
  assert.equal((await source.list("two", signal)).isComplete, true);
  await source.close();
});

test("credentials come from the environment", () => {
  const environment = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  assert.deepEqual(bucketCredentials(environment), { accessKeyId: "a", secretAccessKey: "b" });
  assert.equal(bucketCredentials({ ...environment, AWS_SESSION_TOKEN: "c" })?.sessionToken, "c");
  assert.equal(bucketCredentials({ AWS_ACCESS_KEY_ID: "a" }), undefined);
});
