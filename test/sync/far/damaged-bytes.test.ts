// Pins what comes of a carrier that damages, cuts or shortens the bytes of a run: both ends end soon; a file is the
// old or the new one; a run that says all is well has brought all; and the next run completes what is missing.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { after, before, describe, it } from "node:test";
import { type Random, seededRandom } from "../../../src/base/index.ts";
import type { Channel } from "../../../src/transport/index.ts";
import { damageBytes } from "../../session/damaged-channel.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  type TreeEntry,
  type TreeSnapshot,
  temporaryFolder,
} from "../../support/index.ts";
import { runFar } from "./far-rig.ts";

const count = process.env.MANIFOLD_LONG ? 1000 : 6;

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

function makeSource(folder: TemporaryFolder): void {
  mkdirSync(folder.at("source/d/e"), { recursive: true });
  for (let n = 0; n < 8; n++) writeFileSync(folder.at(`source/d/file${n}`), `content ${n}`);
  for (let n = 0; n < 4; n++) writeFileSync(folder.at(`source/d/e/other${n}`), `other ${n}`);
  writeFileSync(folder.at("source/edited"), `${"a".repeat(9000)}!`);
  symlinkSync("d/file1", folder.at("source/link"));
  let time = 1_600_000_000;
  for (const name of readdirSync(folder.at("source"), { recursive: true }) as string[]) {
    if (name !== "link") utimesSync(folder.at(`source/${name}`), time++, time++);
  }
}

function makeTarget(folder: TemporaryFolder): void {
  rmSync(folder.at("target"), { recursive: true, force: true });
  mkdirSync(folder.at("target/d"), { recursive: true });
  writeFileSync(folder.at("target/edited"), "a".repeat(9000));
  writeFileSync(folder.at("target/d/file1"), "old content");
}

type Harm = (channel: Channel, random: Random) => Channel;

/** An offset that is as likely among the first hundred bytes as among the last thousands. */
function offsetOf(random: Random): number {
  return random.uint32() % 2 ** (3 + (random.uint32() % 11));
}

const harms: Readonly<Record<string, Harm>> = {
  "some bytes are changed": (channel, random) => {
    const at = offsetOf(random);
    const length = 1 + (random.uint32() % 4);
    return damageBytes(channel, (bytes, offset) => {
      for (let n = 0; n < length; n++) {
        const i = at + n - offset;
        if (i >= 0 && i < bytes.length)
          bytes[i] = (bytes[i] as number) ^ (1 << (random.uint32() % 8));
      }
      return bytes;
    });
  },
  "some bytes are left out": (channel, random) => {
    const at = offsetOf(random);
    const length = 1 + (random.uint32() % 200);
    return damageBytes(channel, (bytes, offset) => {
      const from = Math.max(0, at - offset);
      const to = at + length - offset;
      if (to <= 0 || from >= bytes.length) return bytes;
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(Math.min(to, bytes.length))]);
    });
  },
  "the connection is cut": (channel, random) => {
    const at = offsetOf(random);
    return damageBytes(channel, (bytes, offset) => {
      if (offset + bytes.length <= at) return bytes;
      setImmediate(() => channel.end());
      return bytes.subarray(0, Math.max(0, at - offset));
    });
  },
};

for (const way of ["pull", "push"] as const) {
  for (const [what, harm] of Object.entries(harms)) {
    describe(`a carrier of which ${what} (${way}, ${count} times)`, () => {
      it("gives no wrong file without an error, and the next run completes", async () => {
        using folder = temporaryFolder();
        makeSource(folder);
        const source = readTree(folder.at("source"));
        const outcomes = { whole: 0, failed: 0 };
        for (let seed = 0; seed < count; seed++) {
          makeTarget(folder);
          const old = readTree(folder.at("target"));
          const random = seededRandom(seed);
          const from = `${way === "pull" ? "host:" : ""}${folder.at("source")}/`;
          const to = `${way === "push" ? "host:" : ""}${folder.at("target")}`;
          const wrap = {
            [seed % 2 === 0 ? "agent" : "client"]: (channel: Channel) => harm(channel, random),
          };
          try {
            const { client, agent } = await runFar(["-a", "--timeout=5", from, to], wrap);
            const isWell = client.exit === 0;
            outcomes[isWell ? "whole" : "failed"]++;
            assert.ok(client.exit !== 0 || agent.exit === 0 || agent.exit === 12, `${agent.exit}`);
            if (isWell) assertSameTree(source, folder.at("target"));
            else assertOldOrNew(folder.at("target"), old, source);
            assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
            const again = await runFar(["-a", from, to]);
            assert.equal(again.client.exit, 0);
            assertSameTree(source, folder.at("target"));
          } catch (error) {
            throw new Error(`seed ${seed}: ${(error as Error).stack}`, { cause: error });
          }
        }
        assert.ok(outcomes.whole > 0 && outcomes.failed > count / 5, JSON.stringify(outcomes));
      });
    });
  }
}

/** Everything on the target is, as a whole, what it was or what it is to be. */
function assertOldOrNew(path: string, ...states: readonly TreeSnapshot[]): void {
  for (const [name, entry] of readTree(path).entries) {
    const wanted = states.map(({ entries }) => shown(entries.get(name)));
    assert.ok(wanted.includes(shown(entry)), `${name} is ${shown(entry)}, not one of ${wanted}`);
  }
}

/** What counts of an entry; directories get their times last. */
function shown(entry: TreeEntry | undefined): string {
  if (entry === undefined) return "nothing";
  const { kind, content, target, size, mtimeNs, mode } = entry;
  return kind === "directory" ? kind : [kind, content, target, size, mtimeNs, mode].join(" ");
}
