// Targets of a cast that come by themselves: so many are waited for, late ones are taken in, and those that broke off come back.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManifoldError } from "../../src/base/index.ts";
import { Muster, type Reached } from "../../src/sync/cast/muster.ts";
import { type LinkListener, TargetLink } from "../../src/sync/cast/target-link.ts";
import { ManualClock, settle } from "../support/index.ts";

const listener = { over: () => undefined } as unknown as LinkListener;

/** A muster of targets that come by themselves, and have said what they have as soon as they are there. */
class Scene {
  readonly clock = new ManualClock();
  readonly arrived: TargetLink[] = [];
  readonly muster: Muster;
  isGathered = false;

  constructor(visitors: number, windowMs?: number) {
    this.muster = new Muster([], {
      ...{ clock: this.clock, windowMs, visitors },
      reach: () => assert.fail("nobody is to be reached"),
      isHeldUp: () => false,
      arrived: (link) => void this.arrived.push(link),
      moved: () => undefined,
    });
    void this.muster.gathered().then(() => {
      this.isGathered = true;
    });
  }

  async admit(id: string): Promise<TargetLink | undefined> {
    const link = this.muster.admit(id, (number): Reached => {
      const made = new TargetLink(number, { name: id, comes: true }, listener, this.clock);
      made.standing = "";
      return { link: made, told: Promise.resolve() };
    });
    await settle();
    return link;
  }
}

function breakOff(link: TargetLink | undefined): void {
  link?.fail(new ManifoldError("connection-lost", "gone"));
}

describe("targets that come by themselves", () => {
  it("are waited for until all that are expected are there", async () => {
    const scene = new Scene(2);
    await scene.admit("a");
    await scene.clock.advance(4000);
    assert.ok(!scene.isGathered);
    assert.equal(scene.muster.absent, 1);
    await scene.admit("b");
    await scene.clock.advance(100);
    assert.ok(scene.isGathered);
    assert.deepEqual(scene.arrived, scene.muster.links);
  });

  it("are not waited for longer than the join window, and taken in late", async () => {
    const scene = new Scene(3, 1000);
    const first = await scene.admit("a");
    await scene.clock.advance(1100);
    assert.ok(scene.isGathered);
    assert.equal(scene.muster.absent, 2);
    await scene.admit("b");
    assert.equal(scene.arrived.length, 2);
    assert.equal(scene.muster.absent, 1);
    first?.dismiss();
    await settle();
    assert.ok(!scene.muster.isOver, "the late one is under way");
  });

  it("take their place again when they come back, and wait when they have had everything", async () => {
    const scene = new Scene(2);
    const first = await scene.admit("a");
    breakOff(first);
    await settle();
    const again = await scene.admit("a");
    await settle();
    assert.ok(again !== undefined && again !== first);
    assert.deepEqual(scene.muster.links, [again]);
    // The old connection is dead, and nobody has noticed.
    const third = await scene.admit("a");
    await settle();
    assert.equal(again.failure?.code, "connection-lost");
    assert.deepEqual(scene.muster.links, [third]);
    third?.dismiss();
    await settle();
    assert.equal(await scene.admit("a"), undefined);
    assert.equal(scene.muster.absent, 1);
  });

  it("are given up when they stay away", async () => {
    const scene = new Scene(1, 1000);
    breakOff(await scene.admit("a"));
    await scene.clock.advance(900);
    assert.ok(!scene.muster.isOver);
    await scene.clock.advance(1000);
    assert.ok(scene.muster.isOver);
    assert.equal(scene.muster.links[0]?.failure?.code, "connection-lost");
  });
});
