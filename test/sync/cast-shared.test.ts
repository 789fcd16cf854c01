// One stream for targets of a cast that differ: what most of them have alike, and orders of a target's own joined with
// the content that a stream has for several.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManifoldError } from "../../src/base/index.ts";
import { ChangesetWriter, orderKind, readRecords } from "../../src/changeset/index.ts";
import { digestOf } from "../../src/hash/index.ts";
import { writeCommonListing } from "../../src/sync/cast/common-listing.ts";
import { joinedInput } from "../../src/sync/cast/joined-stream.ts";
import { WrittenListing } from "../../src/sync/verbs/listing-stream.ts";
import { doSteps } from "../../src/sync/verbs/steps.ts";
import { typeDirectory, typeRegular } from "../../src/tree/index.ts";
import { bytesOf, headerOf, type RecordValue, type StateValue } from "../changeset/sample.ts";
import { Choice } from "../support/index.ts";

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";
const seeds = isLong ? 2000 : 60;
/** In listing order. */
const paths = ["", "a-b", "a", "a/b", "z"];

/** Trees of a few names that often agree: by directory, each name with its size, or -1 for a directory. */
type Trees = ReadonlyMap<string, ReadonlyMap<string, number>>;

function randomTree(choice: Choice): Trees {
  const tree = new Map<string, Map<string, number>>();
  for (const path of paths) {
    const above = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (path !== "" && (choice.percent(20) || !tree.has(above))) continue;
    tree.get(above)?.set(path.slice(above === "" ? 0 : above.length + 1), -1);
    const files = ["a.c", "f", "g"].filter(() => choice.percent(80));
    tree.set(path, new Map(files.map((name) => [name, choice.percent(70) ? 1 : 2])));
    if (path === "") tree.get("")?.delete("");
  }
  return tree;
}

function entriesOf(names: ReadonlyMap<string, number>): (StateValue & { readonly name: string })[] {
  const key = ([name, size]: readonly [string, number]) => (size < 0 ? `1${name}/` : `0${name}`);
  return [...names]
    .sort((one, other) => (key(one) < key(other) ? -1 : 1))
    .map(([name, size]) => {
      const mode = size < 0 ? typeDirectory | 0o755 : typeRegular | 0o644;
      return { name, mode, ...(size > 0 && { size }) };
    });
}

function listingOf(tree: Trees): Uint8Array {
  const records = [...tree].map(
    ([path, names]): RecordValue => ({ type: "listing", path, entries: entriesOf(names) }),
  );
  return bytesOf({ header: headerOf({ kind: "listing" }), records });
}

describe("what most targets have alike", () => {
  it("is what enough of them have, entry by entry", () => {
    for (let seed = 0; seed < seeds; seed++) {
      const choice = new Choice(seed);
      const trees = Array.from({ length: 2 + choice.below(4) }, () => randomTree(choice));
      const weights = trees.map(() => 1 + choice.below(3));
      const all = weights.reduce((sum, weight) => sum + weight, 0);
      const enough = Math.floor(all / 2) + 1 + choice.below(Math.ceil(all / 2));
      const pieces: Uint8Array[] = [];
      const writer = new ChangesetWriter(headerOf({ kind: "listing" }), (piece) =>
        pieces.push(piece.slice()),
      );
      const listings = trees.map((tree, i) => ({
        listing: new WrittenListing([listingOf(tree)], ""),
        targets: weights[i] as number,
      }));
      doSteps(writeCommonListing(listings, enough, writer));
      writer.finish({ complete: true, exit: 0 });
      const weigh = (has: (tree: Trees) => boolean): number =>
        trees.reduce((sum, tree, i) => sum + (has(tree) ? (weights[i] as number) : 0), 0);
      const wanted = new Map<string, Map<string, number>>();
      for (const path of paths) {
        if (weigh((tree) => tree.has(path)) < enough) continue;
        const names = new Map<string, number>();
        for (const tree of trees) {
          for (const [name, size] of tree.get(path) ?? []) {
            if (weigh((other) => other.get(path)?.get(name) === size) >= enough)
              names.set(name, size);
          }
        }
        wanted.set(path, names);
      }
      assert.equal(Buffer.compare(Buffer.concat(pieces), listingOf(wanted)), 0, `seed ${seed}`);
    }
  });
});

/** One file of a stream: its content, as pieces. */
interface Content {
  readonly path: string;
  readonly name: string;
  readonly pieces: readonly Uint8Array[];
}

function randomContents(choice: Choice): Content[] {
  return paths.flatMap((path) =>
    ["a", "ab", "b", "c"]
      .filter(() => choice.percent(70))
      .map((name) => {
        const count = 1 + choice.below(3);
        return { path, name, pieces: Array.from({ length: count }, () => choice.bytes(9)) };
      }),
  );
}

/** A changeset that makes these; `has`: whose content is in it. */
function makes(contents: readonly Content[], has: (content: Content) => boolean): Uint8Array {
  const records: RecordValue[] = [];
  for (const path of paths) {
    const here = contents.filter((content) => content.path === path);
    if (here.length === 0) continue;
    const mode = typeRegular | 0o644;
    const orders = here.map(({ name, pieces }) => ({
      ...{ kind: orderKind.add, name },
      after: { mode, size: 9 * pieces.length, mtime: 5 },
    }));
    records.push({ type: "directory", path, orders });
    for (const [index, content] of here.entries()) {
      if (!has(content)) continue;
      const whole = Buffer.concat(content.pieces);
      for (const [i, bytes] of content.pieces.entries()) {
        const isLast = i === content.pieces.length - 1;
        const digest = isLast ? digestOf("sha256", whole, 0, whole.length) : undefined;
        records.push({ type: "data", index, tokens: [{ kind: "literal", bytes }], digest });
      }
    }
  }
  return bytesOf({ header: headerOf({ hasData: true }), records });
}

function joined(own: Uint8Array, stream: Uint8Array, times = 1): Uint8Array {
  const input = joinedInput(
    () => [own],
    () => [stream],
  );
  let bytes = new Uint8Array(0);
  for (let time = 0; time < times; time++) bytes = Buffer.concat([...input.pieces()]);
  return bytes;
}

describe("orders of a target's own", () => {
  it("are the whole changeset again with what the stream has", () => {
    for (let seed = 0; seed < seeds; seed++) {
      const choice = new Choice(seed);
      const all = randomContents(choice);
      const mine = all.filter(() => choice.percent(70));
      const apart = new Set(all.filter(() => choice.percent(30)));
      const own = makes(mine, (content) => apart.has(content));
      const stream = makes(
        all.filter((content) => !apart.has(content)),
        () => true,
      );
      const whole = makes(mine, () => true);
      assert.equal(Buffer.compare(joined(own, stream, 2), whole), 0, `seed ${seed}`);
    }
  });

  it("have a problem for content that is not there, or of another file", () => {
    const choice = new Choice(1);
    const contentOf = (name: string, count: number): Content => {
      return { path: "a", name, pieces: Array.from({ length: count }, () => choice.bytes(9)) };
    };
    const [one, two] = [contentOf("x", 3), contentOf("y", 2)];
    const other = { ...one, pieces: two.pieces };
    for (const stream of [[two], [other, two]]) {
      const bytes = joined(
        makes([one, two], () => false),
        makes(stream, () => true),
      );
      const records = [...readRecords([bytes])];
      const problems = records.flatMap((record) => (record.type === "problem" ? [record] : []));
      assert.deepEqual(
        problems.map(({ path, exit }) => [path, exit]),
        [["a/x", 24]],
      );
      const data = records.flatMap((record) => (record.type === "data" ? [record.index] : []));
      assert.deepEqual(data, [1, 1]);
    }
  });

  it("are nothing with a stream or orders that are damaged or end too early", () => {
    const all = randomContents(new Choice(2));
    const own = makes(all, () => false);
    const stream = makes(all, () => true);
    const isInvalid = (error: unknown): boolean =>
      error instanceof ManifoldError && error.code === "changeset-invalid";
    for (let at = 0; at < stream.length; at += isLong ? 1 : 41) {
      const bad = stream.slice();
      bad[at] = (bad[at] as number) ^ 0x10;
      assert.throws(() => joined(own, bad), isInvalid, `byte ${at}`);
      assert.throws(() => joined(own, stream.subarray(0, at)), isInvalid, `${at} bytes`);
      if (at === 0 || at >= own.length) continue;
      assert.throws(() => joined(own.subarray(0, at), stream), isInvalid, `${at} bytes of its own`);
    }
  });
});
