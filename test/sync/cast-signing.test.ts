// What targets of a cast have in common of a large file that changes, by sums of its blocks.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { computeSignature, matchBlocks } from "../../src/delta/index.ts";
import type { SignedBlocks } from "../../src/session/index.ts";
import { GroupSigning, type SignedFile } from "../../src/sync/cast/group-signing.ts";
import { type LinkListener, TargetLink } from "../../src/sync/cast/target-link.ts";
import { changesetDigest } from "../../src/sync/verbs/stage-output.ts";
import { Choice, ManualClock, settle } from "../support/index.ts";

const old = new Choice(2).bytes(300_000);
const listener = { over: () => undefined } as unknown as LinkListener;

function signed(bytes: Uint8Array): SignedBlocks {
  const read = readOf(bytes);
  const { fileLength, blockLength, weak, strong } = computeSignature({
    ...{ read, fileLength: bytes.length, hash: changesetDigest() },
  });
  return { fileLength, blockLength, weak, strong };
}

function readOf(bytes: Uint8Array) {
  return (into: Uint8Array, offset: number, length: number, position: number): number => {
    const there = bytes.subarray(position, position + length);
    into.set(there, offset);
    return there.length;
  };
}

/** A target that notes what it is asked to sign. */
class Asked extends TargetLink {
  paths: string[] = [];

  override order(order: { readonly kind: string; readonly path?: string }): void {
    if (order.kind === "sign") this.paths.push(order.path ?? "");
  }
}

function scene(targets: number) {
  const clock = new ManualClock();
  const file: SignedFile = { path: "deep/image", size: old.length, common: undefined };
  const signing = new GroupSigning([file], clock);
  const link = (id: number) => new Asked(id, { name: `t${id}` }, listener, clock);
  const links = Array.from({ length: targets }, (_, id) => link(id));
  return { clock, signing, links, late: link(targets) };
}

/** Bytes of the old content that have to be sent to whoever has what is common. */
function literalOf(signing: GroupSigning): number {
  const signature = signing.signatureOf("deep/image");
  if (signature === undefined) return old.length;
  const sink = { copy: () => undefined, literal: () => undefined };
  return matchBlocks({ signature, read: readOf(old), hash: changesetDigest() }, sink).literalLength;
}

describe("a large file that changes", () => {
  it("is known by the blocks that all targets have, and whoever comes late has to have them", async () => {
    const { signing, links, late } = scene(3);
    const gathered = signing.gather(links);
    const other = old.slice();
    other.fill(0, 100_000, 110_000);
    for (const [i, link] of links.entries()) link.onSignature(signed(i === 1 ? other : old));
    await gathered;
    assert.deepEqual(links[0]?.paths, ["deep/image"]);
    const literal = literalOf(signing);
    assert.ok(literal >= 10_000 && literal < 12_000, `${literal} bytes`);
    for (const [bytes, isSame] of [
      [old, true],
      [other, true],
      [old.map((byte, at) => (at === 5 ? byte ^ 1 : byte)), false],
      [old.subarray(1), false],
    ] as const) {
      const verified = signing.verify(late);
      late.onSignature(signed(bytes));
      assert.equal(await verified, isSame);
    }
    const gone = signing.verify(late);
    late.dismiss();
    assert.equal(await gone, false);
  });

  it("is sent whole where a target cannot say what it has, or says what cannot be", async () => {
    for (const lie of [
      { ...signed(old), fileLength: 0 },
      { ...signed(old), blockLength: 1 },
      { ...signed(old), weak: new Uint32Array(1) },
      { ...signed(old), strong: new Uint8Array(16) },
    ]) {
      const { signing, links } = scene(2);
      const gathered = signing.gather(links);
      links[0]?.onSignature(signed(old));
      links[1]?.onSignature(lie);
      await gathered;
      assert.equal(literalOf(signing), old.length);
    }
  });

  it("is not waited for where a target stands still, or is gone", async () => {
    const { clock, signing, links } = scene(4);
    const gathered = signing.gather(links);
    let isOver = false;
    void gathered.then(() => {
      isOver = true;
    });
    links[3]?.dismiss();
    links[0]?.onSignature(signed(old));
    await clock.advance(4000);
    assert.ok(!isOver);
    await settle();
    await clock.advance(2000);
    assert.ok(isOver);
    assert.deepEqual(
      links.map(({ isUnsigned }) => isUnsigned),
      [false, true, true, false],
    );
    links[1]?.onSignature(signed(new Uint8Array(old.length)));
    assert.equal(literalOf(signing), 0, "what comes too late changes nothing");
  });
});
