// -K where two directories of the source are one of the target: its time is set after both are written,
// whichever is the link, so that a second run has nothing to do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryMachine } from "../faults/memory-machine.ts";
import { treeOf } from "../support/index.ts";

const timeNs = 1_500_000_000_000_000_000n;

/** src/ has a/ and b/ with so many files each; dst/ has one of them, and the other as a symlink to it. */
function machineOf(files: number, linked: "a" | "b"): MemoryMachine {
  const kept = linked === "a" ? "b" : "a";
  const machine = MemoryMachine.of(treeOf({}), treeOf({}));
  machine.edit("/src", (place) => {
    for (const name of ["a", "b"]) {
      place.makeDirectory(name);
      for (let i = 0; i < files; i++) place.makeFile(`${name}/${name}${i}`, 10, []);
      place.setTimes(name, timeNs, timeNs);
    }
  });
  machine.edit("/dst", (place) => {
    place.makeDirectory(kept);
    place.makeSymlink(linked, kept);
  });
  return machine;
}

for (const linked of ["a", "b"] as const) {
  for (const options of [[], ["--delay-updates"], ["--durable=batch"], ["--inplace"], ["-H"]]) {
    test(`${linked} is a link: -K ${options.join(" ")}`, async () => {
      for (const files of [0, 1, 40]) {
        for (const tickMs of [0, 60]) {
          const machine = machineOf(files, linked);
          const argv = ["-aKi", ...options, "/src/", "/dst/"];
          const first = await machine.run(argv, { tickMs });
          assert.equal(first.exit, 0, `${first.error}`);
          const target = linked === "a" ? "b" : "a";
          const entry = machine.edit("/dst", (place) => place.entry(target));
          assert.equal(entry?.mtimeNs, timeNs);
          const names = machine.edit("/dst", (place) => place.names(target).length);
          assert.equal(names, 2 * files);
          assert.deepEqual((await machine.run(argv, { tickMs })).events, []);
        }
      }
    });
  }
}
