// Pins what --content-index sends where content is on the target in parts: the bytes on the wire for each kind of change that
// people make, and that what was found and is not there after all costs bytes and nothing else.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../../../src/base/index.ts";
import type { Channel } from "../../../src/transport/index.ts";
import type { ItemEvent } from "../../../src/tree/index.ts";
import {
  assertSameTree,
  noise,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../../support/index.ts";
import { runFar } from "./far-rig.ts";

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

type Files = Readonly<Record<string, Uint8Array>>;
type Way = "pull" | "push";

/** Lines of a log, each different from all others. */
function log(seed: number, lines: number): Buffer {
  const random = seededRandom(seed);
  const line = (): string => `2026-11-27 host service: request ${random.uint32()} took 12 ms\n`;
  return Buffer.from(Array.from({ length: lines }, line).join(""));
}

/** Members of an archive, each behind a block of its own as in tar. */
function archive(members: readonly (readonly [string, Uint8Array])[]): Buffer {
  const blocks = members.map(([name, bytes]) => {
    const head = Buffer.from(name.padEnd(512, "\0"));
    return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function write(root: string, files: Files, second: number): void {
  mkdirSync(root, { recursive: true });
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    writeFileSync(`${root}/${path}`, bytes);
    utimesSync(`${root}/${path}`, second, second);
  }
}

/** What a run cost. */
interface Cost {
  /** Bytes on the wire, in both directions. */
  readonly wire: number;
  readonly literal: number;
}

async function sync(
  folder: TemporaryFolder,
  way: Way,
  options: readonly string[] = ["--content-index"],
): Promise<Cost> {
  let wire = 0;
  const counting = (channel: Channel): Channel => {
    const send = channel.send.bind(channel);
    channel.send = (bytes: Uint8Array, left?: () => void): void => {
      wire += bytes.length;
      send(bytes, left);
    };
    return channel;
  };
  const [from, to] = [`${folder.at("source")}/`, `${folder.at("target")}/`];
  const places = way === "pull" ? [`host:${from}`, to] : [from, `host:${to}`];
  const argv = ["-ai", "--delete", "--no-compress", ...options, ...places];
  const { client, agent, events } = await runFar(argv, { client: counting, agent: counting });
  const problems = events.filter(({ type }) => type === "problem");
  assert.deepEqual([client.exit, agent.exit, problems], [0, 0, []]);
  const items = events.filter((event): event is ItemEvent => event.type === "item");
  assertSameTree(readTree(folder.at("source")), folder.at("target"));
  return { wire, literal: items.reduce((sum, { literal }) => sum + literal, 0) };
}

/** Both ends do the same in both directions. */
const ways: readonly Way[] = process.env.MANIFOLD_LONG === "1" ? ["pull", "push"] : ["pull"];

/** What a run says besides content: what it begins and ends with, listings, wishes. */
const wordsBytes = 4000;
/** Lists of chunks, of what is wanted. */
const listShare = 0.015;

/** Each: what the target has, what the source has, and how many bytes of that are new. */
const scenes: Readonly<Record<string, () => readonly [Files, Files, number]>> = {
  "an archive whose members moved, under another name": () => {
    const members = Array.from(
      { length: 20 },
      (_, i) => [`member${i}`, noise(i + 1, 30_000 + 777 * i)] as const,
    );
    const moved = [7, 0, 13, 2, 19, 1, 12, 3, 18, 4, 11, 5, 17, 6, 10, 8, 16, 9, 15, 14];
    const after = archive(moved.map((i) => members[i] as (typeof members)[number]));
    return [{ "old/one.tar": archive(members) }, { "new/two.bin": after }, 0];
  },
  "an archive of files that lie there one by one": () => {
    const files = Array.from({ length: 20 }, (_, i) => noise(i + 40, 40_000));
    const before = Object.fromEntries(files.map((bytes, i) => [`files/${i}`, bytes]));
    const whole = archive(files.map((bytes, i) => [`${i}`, bytes]));
    return [before, { ...before, "all.tar": whole }, 0];
  },
  "a log that grew and was rotated": () => {
    const [oldest, older, grown] = [log(1, 9000), log(2, 9000), log(3, 600)];
    const before = { "log/app": older, "log/app.1": oldest };
    const rotated = Buffer.concat([older, grown]);
    const fresh = log(4, 50);
    return [
      before,
      { "log/app": fresh, "log/app.1": rotated, "log/app.2": oldest },
      fresh.length + grown.length,
    ];
  },
  "two files that were joined": () => {
    const [a, b] = [noise(60, 500_000), noise(61, 300_000)];
    return [{ a, b }, { "joined.bin": Buffer.concat([a, b]) }, 0];
  },
  "a file that was split in two": () => {
    const whole = noise(62, 800_000);
    return [{ whole }, { front: whole.subarray(0, 350_001), rear: whole.subarray(350_001) }, 0];
  },
  "a large file that comes in pieces": () => {
    const [a, b, fresh] = [noise(63, 3_000_000), noise(64, 3_500_000), noise(65, 200_000)];
    return [{ a, b }, { all: Buffer.concat([b, fresh, a]) }, fresh.length];
  },
  "a file that changed and took from another": () => {
    const [own, other] = [noise(66, 200_000), noise(67, 200_000)];
    const mixed = Buffer.concat([own.subarray(0, 120_000), other.subarray(50_000), own]);
    return [{ own, other }, { own: mixed, other }, 0];
  },
};

describe("--content-index sends what is new and little more, of", () => {
  for (const [name, make] of Object.entries(scenes)) {
    for (const way of ways) {
      it(`${name} (${way})`, async () => {
        using folder = temporaryFolder();
        const [before, after, fresh] = make();
        write(folder.at("target"), before, 1_600_000_000);
        write(folder.at("source"), after, 1_700_000_000);
        const { wire, literal } = await sync(folder, way);
        const total = Object.values(after).reduce((sum, { length }) => sum + length, 0);
        // At each seam between old and new up to two chunks of 1 KiB on the average are not found.
        assert.ok(literal <= fresh + 0.12 * total, `${literal} literal of ${total}`);
        const most = literal + wordsBytes + 400 * Object.keys(after).length + listShare * 2 * total;
        assert.ok(wire <= most, `${wire} on the wire, ${literal} literal of ${total}`);
      });
    }
  }
});

it("without it, or without anything to find, all of it is sent", async () => {
  using folder = temporaryFolder();
  const [a, b] = [noise(70, 200_000), noise(71, 200_000)];
  const joined = Buffer.concat([a, b]);
  for (const options of [[], ["--no-content-index"], ["--content-index", "--whole-file"]]) {
    rmSync(folder.at("target"), { recursive: true, force: true });
    write(folder.at("target"), { a, b }, 1_600_000_000);
    write(folder.at("source"), { joined }, 1_700_000_000);
    // The line of this test holds nothing up, so that it does not pay.
    assert.equal((await sync(folder, "pull", options)).literal, joined.length, `${options}`);
  }
  write(folder.at("source"), { "other/b": noise(72, 300_000) }, 1_700_000_000);
  const { literal, wire } = await sync(folder, "pull");
  assert.equal(literal, 300_000);
  assert.ok(wire < 300_000 * (1 + listShare) + wordsBytes, `${wire}`);
});

it("files of any edits come out right, whatever parts are found", async () => {
  const pieces = fc.record({ file: fc.nat(3), at: fc.nat(30_000), length: fc.nat(20_000) });
  const edits = fc.array(pieces, { minLength: 1, maxLength: 6 });
  const names = fc.constantFrom("old0", "old1", "new", "d/new", "d/other");
  using folder = temporaryFolder();
  const old: Files = { old0: noise(80, 30_000), old1: log(81, 500), "d/old2": noise(82, 50_000) };
  const sources = [...Object.values(old), noise(83, 40_000)];
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(names, edits), { maxLength: 3, selector: ([name]) => name }),
      fc.constantFrom<Way>("pull", "push"),
      async (files, way) => {
        for (const side of ["source", "target"])
          rmSync(folder.at(side), { recursive: true, force: true });
        write(folder.at("target"), old, 1_600_000_000);
        const wanted = files.map(([name, parts]) => {
          const bytes = parts.map(({ file, at, length }) => {
            return (sources[file] as Uint8Array).subarray(at, at + length);
          });
          return [name, Buffer.concat(bytes)] as const;
        });
        write(
          folder.at("source"),
          { keeps: noise(84, 10), ...Object.fromEntries(wanted) },
          1_700_000_000,
        );
        await sync(folder, way);
      },
    ),
    { numRuns: process.env.MANIFOLD_LONG === "1" ? 500 : 15 },
  );
});
