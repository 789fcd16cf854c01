// Files of the target that wanted ones may be made of, between two machines: what changes between being told and being
// used is asked for instead, and what only looks right is the basis of a delta.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { type FileSystem, openFileSystem } from "../../../src/fs/index.ts";
import type { Channel } from "../../../src/transport/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/index.ts";
import { runFar, surroundings } from "./far-rig.ts";

process.umask(0);

/** The machine's door, which tells before a file is opened. */
function doorTelling(opens: (name: string) => void): FileSystem {
  const door = openFileSystem();
  return new Proxy(door, {
    get: (inner, key: keyof FileSystem) => {
      const value = inner[key];
      if (typeof value !== "function") return value;
      if (key !== "openRead") return value.bind(inner);
      return (...given: Parameters<FileSystem["openRead"]>) => {
        opens(given[1]);
        return inner.openRead(...given);
      };
    },
  });
}

/** Bytes that nothing makes smaller. */
function noise(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function write(folder: TemporaryFolder, path: string, content: Buffer, time = 1_500_000_000): void {
  writeFileSync(folder.at(path), content);
  utimesSync(folder.at(path), time, time);
}

const content = noise(20_000, 7);

/** Pulls a file that was renamed, while somebody writes to the old one when it is opened for the `at`th time. */
async function pullChanging(at: number): Promise<boolean> {
  using folder = temporaryFolder();
  for (const name of ["source", "target"]) mkdirSync(folder.at(name));
  write(folder, "source/new", content);
  write(folder, "source/other", noise(20_000, 9));
  write(folder, "target/old", content);
  write(folder, "target/older", noise(20_000, 9));
  let opened = 0;
  const fileSystem = doorTelling((name) => {
    if (name === "old" && ++opened === at)
      write(folder, "target/old", noise(20_000, 8), 1_600_000_000);
  });
  const argv = ["-a", `host:${folder.at("source")}/`, folder.at("target/")];
  const { client, events, stalled } = await runFar(
    argv,
    {},
    surroundings({ fileSystem }),
    surroundings(),
  );
  assert.equal(stalled, false, `opened ${at} times`);
  // It is opened to be told, then looked at once more, and then at last used.
  assert.equal(client.exit, 0, `opened ${at} times: ${JSON.stringify(events)}`);
  assert.deepEqual(readFileSync(folder.at("target/new")), content);
  assert.deepEqual(readFileSync(folder.at("target/other")), noise(20_000, 9));
  return opened >= at;
}

test("a file that changes before others are made of it is asked for, whenever that is", async () => {
  let at = 1;
  while (await pullChanging(at)) at++;
  assert.ok(at > 2, "it is told, and used");
});

test("another file of the same size and time is the basis of a delta", async () => {
  for (const own of [false, true]) {
    using folder = temporaryFolder();
    for (const name of ["source", "target"]) mkdirSync(folder.at(name));
    const wanted = noise(600_000, 3);
    write(folder, "source/new", wanted);
    const former = Buffer.from(wanted);
    former.write("something else", 300_000);
    write(folder, "target/old", former);
    if (own) write(folder, "target/new", former.subarray(1000), 1_400_000_000);
    let bytes = 0;
    const counted = (channel: Channel): Channel => {
      const send = channel.send.bind(channel);
      channel.send = (piece, left) => {
        bytes += piece.length;
        send(piece, left);
      };
      return channel;
    };
    const argv = ["-a", `host:${folder.at("source")}/`, folder.at("target/")];
    const { client, events } = await runFar(argv, { client: counted, agent: counted });
    assert.equal(client.exit, 0, JSON.stringify(events));
    assert.deepEqual(readFileSync(folder.at("target/new")), wanted);
    assert.ok(bytes < 60_000, `${bytes} bytes on the wire`);
  }
});
