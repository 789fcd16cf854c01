// Pins sums that come in the place of directories' records: a run with them does and tells what one without does, of a tree that
// has not changed hardly anything comes, and neither end can be led astray by them.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { encodeDirectorySum, lane } from "../../../src/session/index.ts";
import { SumChoice } from "../../../src/sync/far/sum-choice.ts";
import { type CountedChannel, countedChannel } from "../../../src/transport/index.ts";
import { typeDirectory } from "../../../src/tree/index.ts";
import { MemoryMachine, tickingClock } from "../../faults/memory-machine.ts";
import {
  assertSameTree,
  mutateTree,
  temporaryFolder,
  treeOf,
  varietyTree,
} from "../../support/index.ts";
import { type BothEnds, runFar, surroundings } from "./far-rig.ts";
import { body, directory, playSource, sayWalked } from "./scripted-source.ts";

const isLong = process.env.MANIFOLD_LONG === "1";

const ways = [
  ["-ai"],
  ["-ai", "--delete"],
  ["-ai", "--delete-before"],
  ["-ai", "--delete-after", "--prune-empty-dirs"],
  ["-ain", "--delete"],
  ["-aii"],
  ["-rlti"],
  ["-ai", "--numeric-ids", "--size-only"],
  ["-aiu", "--existing", "--delete-excluded", "--exclude=*a*"],
  ["-ai", "--filter=hide,! */", "--delete"],
  ["-aib", "--suffix=.old", "--delete"],
  ["-ai", "--max-size=1k", "--safe-links"],
];

/** Owners that are nobody's: whoever maps any is sent records. */
const withoutSums = "--usermap=4000000000:4000000000";

interface CountedEnds extends BothEnds {
  /** Bytes that the agent sent. */
  readonly sent: number;
}

async function run(
  { fs }: MemoryMachine,
  argv: readonly string[],
  tickMs: number,
): Promise<CountedEnds> {
  let counted: CountedChannel | undefined;
  const world = { fileSystem: fs, clock: tickingClock(tickMs), euid: 0, egid: 0, groups: [0] };
  const ends = await runFar(
    argv,
    { agent: (channel) => (counted = countedChannel(channel)) },
    surroundings({ ...world, openFilesMax: 1024 }),
  );
  return { ...ends, sent: counted?.bytesSent ?? 0 };
}

function machineOf(seed: number, changes: number): MemoryMachine {
  // Of a file with several names, without -H, whichever comes first changes all: no run promises which that is.
  const variety = { entries: 120, bytesMax: 3000, privileged: true, hardLinks: false };
  const tree = varietyTree(seed, variety);
  const machine = MemoryMachine.of(tree, tree);
  if (changes > 0)
    machine.edit("/dst", (place) => mutateTree(seed, place, { ...variety, changes }));
  return machine;
}

describe("sums of directories", () => {
  test("lead to what their records lead to", async () => {
    const seeds = fc.record({
      seed: fc.nat(1_000_000),
      changes: fc.constantFrom(0, 1, 2, 5, 40),
      way: fc.constantFrom(...ways),
      tickMs: fc.constantFrom(0, 60),
    });
    const property = fc.asyncProperty(seeds, async ({ seed, changes, way, tickMs }) => {
      const machine = machineOf(seed, changes);
      const other = machine.fork();
      const argv = [...way, "--no-detect-renamed", "host:/src/", "/dst/"];
      const sums = await run(machine, argv, tickMs);
      const records = await run(other, [withoutSums, ...argv], tickMs);
      assert.equal(sums.stalled, false);
      assert.deepEqual([sums.client, sums.agent], [records.client, records.agent]);
      assert.deepEqual(sums.events, records.events);
      // A clock that ticks with each call of the file system gives other times where backups were made.
      const ignore = (_: string, attribute: string): boolean =>
        way.includes("-aib") && attribute === "mtimeNs";
      assertSameTree(other.read("/dst"), machine.read("/dst"), { ignore });
    });
    await fc.assert(property, { numRuns: isLong ? 1000 : 30, includeErrorInReport: true });
  });

  test("are all that comes of directories that are the same", async () => {
    const entries = Array.from({ length: 40 }, (_, n) => `a rather long name of a file, ${n}`);
    const files = Object.fromEntries(entries.map((name) => [name, "text"]));
    const tree = treeOf(Object.fromEntries(entries.map((_, d) => [`${d}/`, files])));
    const machine = MemoryMachine.of(tree, tree);
    await run(machine, ["-a", "host:/src/", "/dst/"], 0);
    const same = await run(machine, ["-a", "host:/src/", "/dst/"], 0);
    const told = await run(machine, [withoutSums, "-a", "host:/src/", "/dst/"], 0);
    assert.deepEqual([same.client.exit, told.client.exit], [0, 0]);
    assert.ok(same.sent * 5 < told.sent, `${same.sent} bytes with sums, ${told.sent} without`);
    machine.edit("/dst", (place) =>
      place.editFile(`7/${entries[3]}`, 7, [{ offset: 0, bytes: Buffer.from("changed") }]),
    );
    const changed = await run(machine, ["-ai", "host:/src/", "/dst/"], 0);
    const items = changed.events.flatMap((event) => (event.type === "item" ? [event.path] : []));
    assert.deepEqual(items, [`7/${entries[3]}`]);
    assert.ok(changed.sent * 4 < told.sent, `${changed.sent} bytes of one directory`);
  });

  test("are tried, and wanted until more than half of them are of something else", () => {
    const choice = new SumChoice(5);
    assert.equal(choice.looked({ sums: 31, others: 31 }), undefined, "too few to tell");
    assert.equal(choice.looked({ sums: 33, others: 1 }), 5);
    assert.equal(choice.looked({ sums: 32, others: 0 }), undefined, "once is enough");
    assert.equal(choice.looked({ sums: 32, others: 17 }), 0);
    assert.equal(
      choice.looked({ sums: 32, others: 0 }),
      undefined,
      "what still comes is no matter",
    );
    const other = new SumChoice(1);
    assert.equal(other.looked({ sums: 32, others: 17 }), 0);
    assert.equal(new SumChoice(0).looked({ sums: 64, others: 64 }), undefined, "there are none");
  });

  const dir = typeDirectory | 0o755;
  const sum = encodeDirectorySum({ topBytes: 0, sum: new Uint8Array(16) });
  const at = { directory: 1, parent: 0, index: 0 };

  test("that are of something else are asked about, and no other sum is taken for an answer", async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("target/d"), { recursive: true });
    let asked = 0;
    const { told } = await playSource(folder.at("target"), {
      walk: (peer) => {
        const top = body([{ name: "d", mode: dir }]);
        peer.send(lane.listing, directory(top, { directory: 0, parent: 0, index: 0 }));
        peer.send(lane.listing, directory(sum, at));
      },
      list: (peer, number) => {
        assert.equal(number, 1);
        if (asked++ === 0) peer.send(lane.listing, directory(sum, at));
        else sayWalked(peer);
      },
    });
    assert.match(told, /protocol-data: .* sum once more/);
    assert.equal(asked, 1);
  });

  test("that break the format end the run", async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("target/d"), { recursive: true });
    for (const [wrong, says] of [
      ["82004f000000000000000000000000000000", /has not 16 bytes/],
      ["824150000000000000000000000000000000000000", /top/],
      [`${Buffer.from(sum).toString("hex")}00`, /sum/],
      ["8200", /sum/],
    ] as const) {
      const { told } = await playSource(folder.at("target"), {
        walk: (peer) => {
          const top = body([{ name: "d", mode: dir }]);
          peer.send(lane.listing, directory(top, { directory: 0, parent: 0, index: 0 }));
          peer.send(lane.listing, directory(Buffer.from(wrong, "hex"), at));
          sayWalked(peer);
        },
      });
      assert.match(told, /protocol-data/, wrong);
      assert.match(told, says, wrong);
    }
  });
});
