// Pins what goes over the line for files of which the target has most already: those that look like what they were are asked about
// first, and only what differs of them is sent then; of those that are continued (--append) what is behind their end.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { seededRandom } from "../../../src/base/index.ts";
import type { Channel } from "../../../src/transport/index.ts";
import type { ItemEvent } from "../../../src/tree/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/index.ts";
import { runFar } from "./far-rig.ts";

process.umask(0);

function noise(seed: number, length: number): Buffer {
  const random = seededRandom(seed);
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => random.uint32());
  return Buffer.from(words.buffer, 0, length);
}

function write(folder: TemporaryFolder, path: string, content: Buffer, second: number): void {
  writeFileSync(folder.at(path), content);
  utimesSync(folder.at(path), second, second);
}

interface Cost {
  /** Bytes on the wire, in both directions. */
  readonly wire: number;
  readonly literal: number;
  readonly matched: number;
}

async function sync(
  folder: TemporaryFolder,
  way: "pull" | "push",
  options: readonly string[] = [],
): Promise<Cost> {
  let wire = 0;
  const counted = (channel: Channel): Channel => {
    const send = channel.send.bind(channel);
    channel.send = (bytes, left) => {
      wire += bytes.length;
      send(bytes, left);
    };
    return channel;
  };
  const [from, to] = [`${folder.at("source")}/`, `${folder.at("target")}/`];
  const places = way === "pull" ? [`host:${from}`, to] : [from, `host:${to}`];
  const argv = ["-ai", "--no-compress", ...options, ...places];
  const { client, agent, events } = await runFar(argv, { client: counted, agent: counted });
  const problems = events.filter(({ type }) => type === "problem");
  assert.deepEqual([client.exit, agent.exit, problems], [0, 0, []]);
  const items = events.filter((event): event is ItemEvent => event.type === "item");
  const sum = (of: "literal" | "matched"): number => items.reduce((all, one) => all + one[of], 0);
  return { wire, literal: sum("literal"), matched: sum("matched") };
}

/** A file with other bytes in its middle. */
function edited(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.write("something else", bytes.length >> 1);
  return copy;
}

for (const way of ["pull", "push"] as const) {
  test(`files of the size that they had are sent as what differs (${way})`, async () => {
    using folder = temporaryFolder();
    for (const name of ["source", "target"]) mkdirSync(folder.at(name));
    const sizes = Array.from({ length: 24 }, (_, i) => 3000 + i * 9973);
    let total = 0;
    for (const [i, size] of sizes.entries()) {
      const bytes = noise(i + 1, size);
      // Every third has a new time and no more, and some are new.
      write(folder, `source/f${i}`, i % 3 === 0 ? bytes : edited(bytes), 2000);
      if (i % 8 !== 7) write(folder, `target/f${i}`, bytes, 1000);
      total += size;
    }
    const fresh = sizes.filter((_, i) => i % 8 === 7).reduce((sum, size) => sum + size, 0);
    const { wire, literal, matched } = await sync(folder, way);
    for (const i of sizes.keys()) {
      assert.deepEqual(
        readFileSync(folder.at(`target/f${i}`)),
        readFileSync(folder.at(`source/f${i}`)),
      );
    }
    // Two blocks of each of the others at most, and their sums.
    const differing = literal - fresh;
    assert.ok(differing < 14 * 1500, `${differing} bytes of ${total}`);
    assert.ok(wire < fresh + differing + total * 0.03 + 4000, `${wire} bytes on the wire`);
    const others = sizes.filter((_, i) => i % 3 !== 0 && i % 8 !== 7);
    const most = others.reduce((sum, size) => sum + size, 0);
    assert.ok(matched > most * 0.9, `${matched} bytes of ${most} were there`);
  });
}

test("of a file that is continued only what is behind its end comes", async () => {
  const [small, large] = [noise(1, 100_000), noise(2, 9_000_000)];
  const scenes = [
    { option: "--append", share: 0 },
    { option: "--append-verify", share: 0.006 },
  ];
  for (const { option, share } of scenes) {
    using folder = temporaryFolder();
    for (const name of ["source", "target"]) mkdirSync(folder.at(name));
    for (const [name, bytes] of Object.entries({ small, large })) {
      write(folder, `source/${name}`, bytes, 2000);
      write(folder, `target/${name}`, bytes.subarray(0, bytes.length - 5000), 1000);
    }
    write(folder, "source/new", noise(3, 1000), 2000);
    const { wire } = await sync(folder, "pull", [option]);
    for (const name of ["small", "large", "new"]) {
      const [is, wanted] = [folder.at(`target/${name}`), folder.at(`source/${name}`)];
      assert.ok(readFileSync(is).equals(readFileSync(wanted)), `${option} ${name}`);
    }
    const most = 2 * 5000 + 1000 + 4000 + share * 9_100_000;
    assert.ok(wire < most, `${option}: ${wire} bytes on the wire, ${most} at most`);
  }
});

test("--append believes what is there, --append-verify mends it", async () => {
  const wanted = noise(4, 80_000);
  for (const option of ["--append", "--append-verify"]) {
    using folder = temporaryFolder();
    for (const name of ["source", "target"]) mkdirSync(folder.at(name));
    const former = edited(wanted.subarray(0, 60_000) as Buffer);
    write(folder, "source/f", wanted, 2000);
    write(folder, "target/f", former, 1000);
    await sync(folder, "pull", [option]);
    const left = Buffer.concat([former, wanted.subarray(60_000)]);
    const expected = option === "--append" ? left : wanted;
    assert.ok(readFileSync(folder.at("target/f")).equals(expected), option);
  }
});

test("files that change places between directories are not sent, and a trial run tells so", async () => {
  using folder = temporaryFolder();
  for (const name of ["source/x", "source/y", "target/x", "target/y"]) {
    mkdirSync(folder.at(name), { recursive: true });
  }
  const [one, other] = [noise(5, 70_000), noise(6, 80_000)];
  write(folder, "source/x/a", other, 2000);
  write(folder, "source/y/b", one, 1000);
  write(folder, "target/x/a", one, 1000);
  write(folder, "target/y/b", other, 2000);
  const lines = async (options: readonly string[]): Promise<readonly unknown[]> => {
    const argv = [
      "-ai",
      "--delete",
      ...options,
      `host:${folder.at("source")}/`,
      folder.at("target/"),
    ];
    const { client, events } = await runFar(argv);
    assert.equal(client.exit, 0);
    const items = events.filter((event): event is ItemEvent => event.type === "item");
    return items.map(({ path, changes, madeOf }) => ({ path, changes, madeOf }));
  };
  const foretold = await lines(["--dry-run"]);
  assert.deepEqual(await lines([]), foretold);
  assert.deepEqual(
    foretold.flatMap((item) => (item as ItemEvent).madeOf ?? []),
    ["y/b", "x/a"],
  );
  assert.ok(readFileSync(folder.at("target/x/a")).equals(other));
  assert.ok(readFileSync(folder.at("target/y/b")).equals(one));
});
