// Pulling one file from sources that stall, die, lie and are stale, in simulated time: it comes whole and right, nearly as soon as
// it can, and whoever did harm is named.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seededRandom } from "../../../src/base/index.ts";
import { digestOf } from "../../../src/hash/index.ts";
import {
  type ListedEntry,
  type MeasuredSource,
  measureSource,
  Puller,
  type SourceStatus,
  type Span,
} from "../../../src/source/index.ts";
import { ManualClock } from "../../support/index.ts";
import { noise } from "../conformance/fixture.ts";
import { type Script, ScriptedSource } from "./scripted-source.ts";

const size = 6_000_000;
const content = Buffer.from(noise(size, 11), "latin1");
const fast = { url: "fast", rate: 1_000_000 };
const slow = { url: "slow", rate: 500_000 };
const secondsMax = 60;

interface Pulled {
  readonly seconds: number;
  readonly why: string | undefined;
  readonly isRight: boolean;
  readonly lied: readonly string[];
  readonly status: readonly SourceStatus[];
  readonly sources: readonly ScriptedSource[];
  readonly fetched: number;
}

interface Wishes {
  readonly entry?: Partial<ListedEntry>;
  readonly kept?: readonly Span[];
  /** Where what has come cannot be read any more. */
  readonly goneFrom?: number;
  /** The last source answers so late, in seconds. */
  readonly lastJoinsAt?: number;
}

async function pull(
  scripts: readonly Script[],
  { entry, kept = [], goneFrom = size, lastJoinsAt }: Wishes = {},
): Promise<Pulled> {
  const clock = new ManualClock();
  const sources = scripts.map((script) => new ScriptedSource(script, content, clock));
  const lied: string[] = [];
  const settings = await Promise.all(
    sources.map(async (source) => ({
      source,
      abilities: await source.probe(),
      bringsContent: true,
      connectionsMax: 2,
      rateMax: undefined,
    })),
  );
  const puller = new Puller({
    sources: lastJoinsAt === undefined ? settings : settings.slice(0, -1),
    clock,
    random: seededRandom(5),
    lied: (source) => lied.push(sources[source]?.url ?? ""),
    failed: () => undefined,
    silent: () => undefined,
  });
  const last = settings.at(-1);
  if (lastJoinsAt !== undefined) {
    clock.after(lastJoinsAt * 1000, () => last && puller.join(last));
  }
  const bytes = Buffer.alloc(size);
  for (const { from, to } of kept) bytes.set(content.subarray(from, to), from);
  let end: { readonly why: string | undefined; readonly at: number } | undefined;
  puller.add({
    path: "file",
    entry: { name: "file", kind: "file", size, mtime: 1, ...entry },
    size,
    store: {
      write: (position, from) => bytes.set(from, position),
      read: (position, into) => {
        if (position >= goneFrom) return false;
        into.set(bytes.subarray(position, position + into.length));
        return true;
      },
    },
    kept,
    proven: () => undefined,
    ended: (why) => {
      end = { why, at: clock.now() / 1000 };
    },
  });
  while (end === undefined && clock.now() < secondsMax * 1000) await clock.advance(50);
  const { status } = puller;
  puller.stop();
  return {
    seconds: end?.at ?? secondsMax,
    why: end?.why,
    isRight: end !== undefined && bytes.equals(content),
    ...{ lied, status, sources },
    fetched: status.reduce((sum, one) => sum + one.bytes, 0),
  };
}

describe("a file from two sources", () => {
  // Two connections each: 3 MB a second.
  test("comes as fast as their rates add up", async () => {
    const { seconds, isRight, status } = await pull([fast, slow]);
    assert.ok(isRight);
    assert.ok(seconds < 2.5, `${seconds} s of 2 s`);
    assert.ok(status.every(({ bytes }) => bytes > 1_000_000));
  });

  test("comes from one that answers late as soon as it does", async () => {
    const { seconds, isRight, status } = await pull([slow, fast], { lastJoinsAt: 2 });
    assert.ok(isRight);
    // Two seconds of the slow one alone, then both: 2 MB, and 4 MB by 3 MB a second.
    assert.ok(seconds < 3.8, `${seconds} s of 3.33 s`);
    assert.ok((status[1]?.bytes ?? 0) > 1_500_000);
  });

  test("comes whole although one of them stalls", async () => {
    const { seconds, isRight } = await pull([slow, { ...fast, stallsAt: 1 }]);
    assert.ok(isRight);
    assert.ok(seconds < 6.5, `${seconds} s`);
  });

  test("comes whole although one of them dies", async () => {
    const { seconds, isRight, status } = await pull([slow, { ...fast, diesAt: 1 }]);
    assert.ok(isRight);
    assert.ok(seconds < 6.5, `${seconds} s`);
    assert.ok((status[1]?.errors ?? 0) > 0);
  });

  test("is not taken from one that has it in another state", async () => {
    const { isRight, status, sources } = await pull([slow, { ...fast, isStale: true }]);
    assert.ok(isRight);
    assert.equal(status[1]?.bytes, 0);
    assert.equal(sources[1]?.asked.length, 2);
  });

  test("that neither of them has is told to be lost", async () => {
    const { why } = await pull([
      { ...slow, isStale: true },
      { ...fast, isStale: true },
    ]);
    assert.match(why ?? "", /no source has it/);
  });
});

describe("wrong bytes", () => {
  const liar = { ...fast, url: "liar", liesEvery: 1_000_003 };

  test("are noticed by the reference's digests", async () => {
    const { isRight, lied } = await pull([{ ...slow, computesDigests: true }, liar]);
    assert.ok(isRight);
    assert.ok(lied.length > 0 && lied.every((url) => url === "liar"), lied.join());
  });

  test("are noticed by digests of pieces", async () => {
    const length = 512 * 1024;
    const values: Uint8Array[] = [];
    for (let at = 0; at < size; at += length) {
      values.push(digestOf("sha256", content.subarray(at, at + length)));
    }
    const entry = { pieces: { algorithm: "sha256", length, values } } as const;
    const { isRight, lied } = await pull([slow, liar], { entry });
    assert.ok(isRight);
    assert.ok(lied.length > 0 && lied.every((url) => url === "liar"), lied.join());
  });

  test("are noticed by a digest of the file, and the one who sent them is found", async () => {
    const entry = { digest: { algorithm: "sha1", value: digestOf("sha1", content) } } as const;
    const { isRight, lied } = await pull([slow, liar, { ...slow, url: "third" }], { entry });
    assert.ok(isRight);
    assert.ok(lied.length > 0 && lied.every((url) => url === "liar"), lied.join());
  });

  test("from the first source itself do not pass for right ones", async () => {
    const entry = { digest: { algorithm: "sha1", value: digestOf("sha1", content) } } as const;
    const { why, isRight } = await pull([liar], { entry });
    assert.ok(!isRight);
    assert.match(why ?? "", /not what its digest says/);
  });
});

test("a file of which something has gone since it came is lost, not waited for", async () => {
  const entry = { digest: { algorithm: "sha1", value: digestOf("sha1", content) } } as const;
  const { why, isRight } = await pull([fast, slow], { entry, goneFrom: 4_000_000 });
  assert.ok(!isRight || why !== undefined);
  assert.match(why ?? "", /cannot be read any more/);
});

test("the round trip and the rate of a source are found out by reading some of it", async () => {
  const clock = new ManualClock();
  const source = new ScriptedSource({ url: "measured", rate: 500_000 }, content, clock);
  const settings = { abilities: await source.probe(), clock, connectionsMax: 8 };
  let found: MeasuredSource | undefined;
  const measuring = measureSource(source, settings, new AbortController().signal);
  void measuring.then((measured) => {
    found = measured;
  });
  while (found === undefined && clock.now() < secondsMax * 1000) await clock.advance(5);
  // It takes two connections, each of which brings something every 50 ms.
  assert.deepEqual([found?.connections, found?.latency], [2, 0.05]);
  const rate = found?.rate ?? 0;
  assert.ok(rate >= 950_000 && rate <= 1_000_000, String(rate));
});

test("what an earlier run has kept is not asked for", async () => {
  const kept = [
    { from: 0, to: 2_000_000 },
    { from: 3_000_000, to: 5_500_000 },
  ];
  const { isRight, fetched, sources } = await pull([fast, slow], { kept });
  assert.ok(isRight);
  assert.equal(fetched, 1_500_000);
  for (const { offset, length } of sources.flatMap(({ asked }) => asked)) {
    const isGap = (from: number, to: number): boolean => offset >= from && offset + length <= to;
    assert.ok(isGap(2_000_000, 3_000_000) || isGap(5_500_000, size), `${offset} + ${length}`);
  }
});
