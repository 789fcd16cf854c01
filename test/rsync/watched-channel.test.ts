// Silence on a conversation with an rsync: told against in time, and given up when it lasts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WatchedChannel } from "../../src/rsync/index.ts";
import { memoryChannels } from "../../src/transport/index.ts";
import { ManualClock, settle } from "../support/index.ts";

/** What a frame without content looks like. */
const keepAlive = "00000007";

interface Scene {
  readonly clock: ManualClock;
  readonly watched: WatchedChannel;
  readonly heard: string[];
  readonly closed: string[];
  say(): Promise<void>;
}

function scene(): Scene {
  const clock = new ManualClock();
  const [ours, theirs] = memoryChannels("there");
  const watched = new WatchedChannel(ours, clock);
  const heard: string[] = [];
  const closed: string[] = [];
  theirs.listen({
    data: (bytes) => heard.push(Buffer.from(bytes).toString("hex")),
    drained: () => undefined,
    closed: () => undefined,
  });
  watched.listen({
    data: () => undefined,
    drained: () => undefined,
    closed: (error) => closed.push(`${error?.code}: ${error?.message}`),
  });
  const say = async (): Promise<void> => {
    theirs.send(Uint8Array.of(1));
    await settle();
  };
  return { clock, watched, heard, closed, say };
}

describe("a watched channel", () => {
  it("says something twice in the time agreed on, unless something was said", async () => {
    const { clock, watched, heard, closed, say } = scene();
    await clock.advance(100_000);
    await settle();
    assert.deepEqual([heard, closed], [[], []]);
    watched.watch(10_000);
    for (let i = 0; i < 3; i++) {
      await say();
      await clock.advance(5000);
      await settle();
    }
    assert.equal(heard.join(""), keepAlive.repeat(3));
    heard.length = 0;
    watched.send(Uint8Array.of(7));
    await say();
    await clock.advance(5000);
    await settle();
    assert.equal(heard.join(""), "07");
    assert.deepEqual(closed, []);
  });

  it("ends when nothing was heard for so long, but not while nobody listens", async () => {
    const { clock, watched, closed, say } = scene();
    watched.watch(10_000);
    watched.pause();
    for (let i = 0; i < 5; i++) await clock.advance(5000);
    assert.deepEqual(closed, []);
    watched.resume();
    await say();
    for (let i = 0; i < 2; i++) await clock.advance(5000);
    await settle();
    assert.equal(closed.length, 1);
    assert.match(closed[0] ?? "", /^timeout: .*said nothing for 10 seconds/);
  });

  it("takes the shorter of two times, and nothing that is none", async () => {
    const { clock, watched, closed } = scene();
    for (const ms of [-1, 0, 1e12, 10_000, 60_000, 4000]) watched.watch(ms);
    for (let i = 0; i < 2; i++) await clock.advance(2000);
    await settle();
    assert.equal(closed.length, 1);
  });
});
