// Pins that listings survive freezing: every column, name and side table, whole or from an entry on.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Directory, typeDirectory, typeRegular } from "../../src/tree/index.ts";

const entry = fc.record({
  name: fc.stringMatching(/^[a-z\xe9]{1,20}$/),
  mode: fc.constantFrom(typeRegular | 0o644, typeDirectory | 0o755),
  size: fc.nat(),
  mtime: fc.integer(),
  inoHigh: fc.nat(),
});

function build(
  entries: ReadonlyArray<{
    name: string;
    mode: number;
    size: number;
    mtime: number;
    inoHigh: number;
  }>,
): Directory {
  const listing = new Directory();
  for (const { name, mode, size, mtime, inoHigh } of entries) {
    const i = listing.add(name, mode);
    listing.size[i] = size;
    listing.mtime[i] = mtime;
    listing.inoHigh[i] = inoHigh;
    if (size % 3 === 0) listing.setLinkTarget(i, `to-${name}`);
    if (size % 5 === 0)
      listing.setXattrs(i, [{ name: "user.x", value: new Uint8Array([size & 255]) }]);
  }
  return listing;
}

function assertSameEntries(a: Directory, aFirst: number, b: Directory): void {
  assert.equal(a.count - aFirst, b.count);
  for (let i = 0; i < b.count; i++) {
    const j = aFirst + i;
    assert.equal(b.name(i), a.name(j));
    assert.equal(b.mode[i], a.mode[j]);
    assert.equal(b.size[i], a.size[j]);
    assert.equal(b.mtime[i], a.mtime[j]);
    assert.equal(b.inoHigh[i], a.inoHigh[j]);
    assert.equal(b.linkTargets.get(i), a.linkTargets.get(j));
    assert.deepEqual(b.xattrs.get(i), a.xattrs.get(j));
    assert.equal(
      b.names[(b.nameStart[i] as number) + (b.nameLength[i] as number)],
      0,
      "names end in NUL",
    );
  }
}

test("thaw() of freeze() is the same listing", () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const listing = build(entries);
      assertSameEntries(listing, 0, Directory.thaw(listing.freeze()));
    }),
  );
});

test("freezeFrom() keeps the entries from the given one on", () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1 }), fc.nat(), (entries, n) => {
      const listing = build(entries);
      const first = n % (entries.length + 1);
      assertSameEntries(listing, first, Directory.thaw(listing.freezeFrom(first)));
    }),
  );
});

test("select() keeps the chosen entries in the chosen order", () => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (entries, picks) => {
        const listing = build(entries);
        const chosen = [...new Set(picks.map((n) => n % entries.length))];
        listing.select(Uint32Array.from(chosen));
        assert.deepEqual(
          Array.from({ length: listing.count }, (_, i) => listing.name(i)),
          chosen.map((i) => entries[i]?.name),
        );
        for (let i = 0; i < chosen.length; i++)
          assert.equal(listing.size[i], entries[chosen[i] as number]?.size);
      },
    ),
  );
});

test("clear() empties a listing without touching frozen copies", () => {
  const listing = build([{ name: "a", mode: typeRegular, size: 15, mtime: 1, inoHigh: 0 }]);
  const frozen = Directory.thaw(listing.freeze());
  listing.clear();
  listing.add("b", typeRegular);
  assert.equal(frozen.name(0), "a");
  assert.equal(frozen.linkTargets.get(0), "to-a");
  assert.equal(listing.linkTargets.size, 0);
});

test("a listing that borrows longer columns of another can still grow", () => {
  const source = build(
    Array.from({ length: 300 }, (_, i) => ({
      name: "a".repeat((i % 9) + 1),
      mode: typeRegular,
      size: i,
      mtime: i,
      inoHigh: 0,
    })),
  );
  const probe = new Directory();
  probe.reserve(10);
  probe.nameStart = source.nameStart;
  probe.reserve(400);
  assert.ok(probe.nameStart.length >= 400 && probe.mode.length >= 400);
  assert.deepEqual([...probe.nameStart.subarray(0, 300)], [...source.nameStart.subarray(0, 300)]);
});
