// Runs whose source, on another machine, meets trouble at any of its calls: each wish is answered, so that no run waits
// for ever; what could be read is right, the rest is told, and nothing is deleted for it.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { errno } from "../../../src/base/index.ts";
import {
  type FaultPlan,
  type FileSystem,
  FsError,
  faultAt,
  faultyFileSystem,
  noFaults,
  openFileSystem,
} from "../../../src/fs/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/index.ts";
import { type BothEnds, runFar, surroundings } from "./far-rig.ts";

process.umask(0);
const names = ["one", "two", "d/three", "d/four"] as const;
const content = (name: string): string => `${name} as it is now, which is longer\n`.repeat(200);

function makeTrees(folder: TemporaryFolder): void {
  mkdirSync(folder.at("source/d"), { recursive: true });
  mkdirSync(folder.at("target/d"), { recursive: true });
  for (const name of names) writeFileSync(folder.at(`source/${name}`), content(name));
  writeFileSync(folder.at("target/two"), content("two").slice(0, 5000));
  writeFileSync(folder.at("target/d/extra"), "an extra file");
}

/** Runs a pull whose source has this door. */
function pull(folder: TemporaryFolder, fileSystem: FileSystem, words: string[] = []) {
  const argv = ["-a", "--delete", ...words, `host:${folder.at("source")}/`, folder.at("target/")];
  return runFar(argv, {}, surroundings(), surroundings({ fileSystem }));
}

/** The run has ended by itself, and each file is the old one, the new one or missing. */
function assertHonest(folder: TemporaryFolder, { client, stalled }: BothEnds, what: string): void {
  assert.equal(stalled, false, `${what}: the run waits for ever`);
  for (const name of names) {
    const path = folder.at(`target/${name}`);
    const now = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    if (client.exit === 0) assert.equal(now, content(name), what);
    else {
      const old = name === "two" ? content(name).slice(0, 5000) : undefined;
      assert.ok(now === content(name) || now === old, `${what}: ${name} is neither old nor new`);
    }
  }
  assert.equal(existsSync(folder.at("target/.manifold")), false, `${what}: debris`);
}

test("a fault at any call of the source's end ends no run in the middle", async () => {
  let calls = 0;
  {
    using folder = temporaryFolder();
    makeTrees(folder);
    const counting: FaultPlan = ({ number }) => {
      calls = number;
      return undefined;
    };
    const { client } = await pull(folder, faultyFileSystem(openFileSystem(), counting));
    assert.equal(client.exit, 0);
  }
  assert.ok(calls > 10);
  for (let number = 1; number <= calls; number++) {
    for (const lasting of ["once", "device"] as const) {
      using folder = temporaryFolder();
      makeTrees(folder);
      const plan = faultAt(number, { kind: "fail", errno: errno.EIO }, lasting);
      const ends = await pull(folder, faultyFileSystem(openFileSystem(), plan));
      assertHonest(folder, ends, `call ${number} of ${calls}, ${lasting}`);
    }
  }
});

for (const [what, failing] of [
  ["reading many files at once", { readFiles: () => fail("readFiles") }],
  ["closing what was read", { readFiles: undefined, closeFile: () => fail("close") }],
] as const) {
  test(`a source's end that cannot go on (${what}) tells so for each file`, async () => {
    using folder = temporaryFolder();
    makeTrees(folder);
    const door = faultyFileSystem(openFileSystem(), noFaults);
    const fileSystem = Object.assign(Object.create(door), failing) as FileSystem;
    const ends = await pull(folder, fileSystem);
    assertHonest(folder, ends, what);
    const isTold = what.startsWith("reading");
    assert.equal(ends.client.exit, isTold ? 23 : 0);
    const told = ends.events.filter(({ type }) => type === "problem");
    assert.equal(told.length, isTold ? names.length : 0, JSON.stringify(told));
  });
}

function fail(operation: string): never {
  throw new FsError(errno.EIO, operation, "");
}
