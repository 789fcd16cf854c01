// The promise for slow storage: lanes grow beyond the processors while they wait, and files copy many
// times faster than one after another. Real threads, real waiting; MANIFOLD_LONG=1 copies 10,000 files.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { faultyFileSystem, noFaults, openFileSystem } from "../../src/fs/index.ts";
import { SyncRun } from "../../src/sync/index.ts";
import { optionsOf } from "../options/resolve.ts";
import {
  assertSameTree,
  childModule,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { inlineSurroundings } from "./run-inline.ts";
import { slowly } from "./slow-door.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const latencyMs = 2;
const shared = existsSync("/dev/shm") ? "/dev/shm" : undefined;

const laneUrl = childModule("slow-child.ts", import.meta.url);

let folder: TemporaryFolder;

before(() => {
  folder = temporaryFolder(shared);
});
after(() => folder.remove());

/** Makes a tree of so many directories of so many small files. */
function makeTree(path: string, directories: number, files: number): void {
  for (let d = 0; d < directories; d++) {
    mkdirSync(`${path}/${d}`, { recursive: true });
    for (let f = 0; f < files; f++) writeFileSync(`${path}/${d}/${f}`, `${d} ${f}`.repeat(50));
  }
}

/** Copies over the slow door; returns how long it took and how long its calls took, one after another. */
async function copySlowly(from: string, to: string): Promise<{ tookMs: number; serialMs: number }> {
  const micros = new SharedArrayBuffer(8);
  const door = { latencyMs, micros };
  const run = new SyncRun(
    optionsOf(["-a", `${from}/`, `${to}/`], { personality: "manifold" }),
    inlineSurroundings(faultyFileSystem(openFileSystem(), noFaults, slowly(door)), {
      processorMs: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      },
      laneUrl,
      door,
    }),
    { started: () => undefined, event: (event) => assert.fail(JSON.stringify(event)) },
  );
  const began = performance.now();
  assert.equal((await run.run()).exit, 0);
  const tookMs = performance.now() - began;
  return { tookMs, serialMs: Number(new BigInt64Array(micros)[0]) / 1000 };
}

/** What a tree must reach: many small ones prove little, since lanes need a while to grow. */
const shapes = isLong
  ? ([
      [100, 100, 8],
      [1, 10_000, 4],
    ] as const)
  : ([[20, 50, 3]] as const);

for (const [directories, files, times] of shapes) {
  const name = `${directories * files} files in ${directories} directories, ${latencyMs} ms a call`;
  test(`${name}: at least ${times} times faster than one call after another`, async (context) => {
    const from = folder.at(`from-${directories}`);
    const to = folder.at(`to-${directories}`);
    makeTree(from, directories, files);
    const { tookMs, serialMs } = await copySlowly(from, to);
    assertSameTree(from, to);
    const told = `${tookMs.toFixed(0)} ms instead of ${serialMs.toFixed(0)} ms, ${(serialMs / tookMs).toFixed(1)} times`;
    context.diagnostic(told);
    assert.ok(serialMs / tookMs >= times, told);
  });
}
