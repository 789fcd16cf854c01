// Pins the order of listings: files before directories, names by bytes, directories as if a slash
// followed; and that matching finds every common name whatever its type on either side.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  compareEntries,
  Directory,
  dropTwins,
  firstDirectory,
  matchEntries,
  sortListing,
  standsApart,
  typeDirectory,
  typeRegular,
} from "../../src/tree/index.ts";

interface Named {
  readonly name: string;
  readonly isDirectory: boolean;
}

const entries = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[-a-c0.\xff]{1,4}$/), isDirectory: fc.boolean() }),
  { selector: (entry) => entry.name, maxLength: 40 },
);

function listingOf(named: readonly Named[]): Directory {
  const listing = new Directory();
  for (const { name, isDirectory } of named) {
    listing.add(name, isDirectory ? typeDirectory : typeRegular);
  }
  return listing;
}

/** The order as rsync's documents give it: by (1, "name/") for directories and (0, "name") for others. */
function referenceOrder(named: readonly Named[]): string[] {
  const key = ({ name, isDirectory }: Named): string => (isDirectory ? `1${name}/` : `0${name}`);
  return [...named].sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(({ name }) => name);
}

function namesOf(listing: Directory): string[] {
  return Array.from({ length: listing.count }, (_, i) => listing.name(i));
}

for (const namesOnly of [true, false]) {
  test(`sortListing() gives the documented order (namesOnly ${namesOnly})`, () => {
    fc.assert(
      fc.property(entries, (named) => {
        const listing = listingOf(named);
        sortListing(listing, namesOnly);
        assert.deepEqual(namesOf(listing), referenceOrder(named));
      }),
    );
  });
}

test("sortListing() leaves a sorted listing alone and turns a reversed one round", () => {
  fc.assert(
    fc.property(entries, (named) => {
      const listing = listingOf(named);
      sortListing(listing, false);
      const sorted = namesOf(listing);
      sortListing(listing, false);
      assert.deepEqual(namesOf(listing), sorted);
      const backwards = listingOf(
        [...sorted].reverse().map((name) => named.find((entry) => entry.name === name) as Named),
      );
      sortListing(backwards, false);
      assert.deepEqual(namesOf(backwards), sorted);
    }),
  );
});

test("compareEntries() is a total order", () => {
  fc.assert(
    fc.property(entries, (named) => {
      const listing = listingOf(named);
      for (let i = 0; i < listing.count; i++) {
        for (let j = 0; j < listing.count; j++) {
          const forth = Math.sign(compareEntries(listing, i, listing, j));
          assert.equal(forth + Math.sign(compareEntries(listing, j, listing, i)), 0);
          assert.equal(forth === 0, i === j);
        }
      }
    }),
  );
});

test("an entry that is listed again is noticed, and dropped on request", () => {
  const indices = fc.array(fc.nat(39), { maxLength: 10 });
  const property = fc.property(entries, indices, fc.boolean(), (named, again, namesOnly) => {
    const twins = named.length === 0 ? [] : again.map((i) => named[i % named.length] as Named);
    const listing = listingOf([...named, ...twins]);
    assert.equal(sortListing(listing, namesOnly), twins.length > 0);
    if (twins.length > 0) dropTwins(listing);
    assert.deepEqual(namesOf(listing), referenceOrder(named));
    assert.equal(sortListing(listing, namesOnly), false);
  });
  fc.assert(property);
});

test("directories stand apart from what is none, and begin where firstDirectory() says", () => {
  fc.assert(
    fc.property(entries, (named) => {
      const listing = listingOf(named);
      const inOrder = named.every(
        (entry, i) => i === 0 || entry.isDirectory || !named[i - 1]?.isDirectory,
      );
      assert.equal(standsApart(listing, firstDirectory(listing)), inOrder);
      sortListing(listing, true);
      const first = named.filter((entry) => !entry.isDirectory).length;
      assert.equal(firstDirectory(listing), first);
      assert.ok(standsApart(listing, first));
      assert.ok(!standsApart(listing, first + 1) || first === named.length);
    }),
  );
});

test("matchEntries() pairs exactly the names that both sides have", () => {
  fc.assert(
    fc.property(entries, entries, (left, right) => {
      const [source, target] = [listingOf(left), listingOf(right)];
      sortListing(source, false);
      sortListing(target, false);
      const match = new Int32Array(source.count);
      const taken = new Uint8Array(target.count);
      matchEntries(source, target, match, taken);
      for (let i = 0; i < source.count; i++) {
        const t = match[i] as number;
        const common = right.some((entry) => entry.name === source.name(i));
        assert.equal(t >= 0, common, source.name(i));
        if (t >= 0) assert.equal(target.name(t), source.name(i));
      }
      for (let t = 0; t < target.count; t++) {
        assert.equal(taken[t], left.some((entry) => entry.name === target.name(t)) ? 1 : 0);
      }
    }),
  );
});
