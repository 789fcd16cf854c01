// Pins how many round trips a run takes: a line is simulated on which everything that both ends have to say goes at once, and
// then the answers. Their number must not grow with directories and files, only with what the windows hold.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Channel } from "../../../src/transport/index.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../../support/index.ts";
import { runFar } from "./far-rig.ts";

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

/** Turns of the event loop without anything sent after which both ends only wait for one another. */
const quietTurns = 100;

/** A line with latency: holds what is sent until nobody has anything more to say. Counts how often it then goes. */
class LongLine {
  trips = 0;
  #held: (() => void)[] = [];
  #turns = 0;
  #isOver = false;

  /** Puts one end's channel on the line. */
  join = (channel: Channel): Channel => {
    const send = channel.send.bind(channel);
    channel.send = (bytes: Uint8Array, left?: () => void): void => {
      this.#turns = 0;
      // A copy: the sender has it back at once.
      const held = bytes.slice();
      this.#held.push(() => send(held));
      left?.();
    };
    return channel;
  };

  start(): void {
    if (this.#isOver) return;
    if (++this.#turns > quietTurns && this.#held.length > 0) {
      this.trips++;
      const held = this.#held;
      this.#held = [];
      this.#turns = 0;
      for (const go of held) go();
    }
    setImmediate(() => this.start());
  }

  stop(): void {
    this.#isOver = true;
  }
}

function makeSource(folder: TemporaryFolder, directories: number, files: number): void {
  for (let d = 0; d < directories; d++) {
    const path = folder.at(`source/${d % 7}/${d}`);
    mkdirSync(path, { recursive: true });
    for (let n = 0; n < files; n++) writeFileSync(`${path}/${n}`, `${d} ${n}`);
  }
}

/** Returns how often the line was crossed, in either direction or in both at once, until both ends had ended. */
async function trips(folder: TemporaryFolder, way: "pull" | "push"): Promise<number> {
  const line = new LongLine();
  line.start();
  const [from, to] = [`${folder.at("source")}/`, `${folder.at("target")}/`];
  const argv = [
    "-a",
    `${way === "pull" ? "host:" : ""}${from}`,
    `${way === "push" ? "host:" : ""}${to}`,
  ];
  const { client, agent } = await runFar(argv, { client: line.join, agent: line.join });
  line.stop();
  assert.deepEqual([client.exit, agent.exit], [0, 0]);
  return line.trips;
}

describe("crossings of the line", () => {
  for (const [way, first, again] of [
    ["pull", 5, 5],
    ["push", 5, 5],
  ] as const) {
    it(`(${way}) are as many for 100 directories as for 3, also when nothing has changed`, async () => {
      for (const [directories, files] of [
        [3, 3],
        [100, 2],
      ] as const) {
        using folder = temporaryFolder();
        makeSource(folder, directories, files);
        mkdirSync(folder.at("target"));
        const [copy, unchanged] = [await trips(folder, way), await trips(folder, way)];
        assertSameTree(readTree(folder.at("source")), folder.at("target"));
        rmSync(folder.at("target"), { recursive: true });
        assert.deepEqual([copy, unchanged], [first, again], `${directories} directories`);
      }
    });
  }
});
