// Pins which name of a group of hard links leads, when the others follow, and that none is forgotten.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isHardLinked, LinkGroups, type Standing } from "../../src/sync/tasks/link-groups.ts";
import { Directory, typeDirectory, typeRegular } from "../../src/tree/index.ts";

function listing(
  links: ReadonlyArray<readonly [name: string, inode: number, nlink: number]>,
): Directory {
  const directory = new Directory();
  for (const [name, inode, nlink] of links) {
    const i = directory.add(name, typeRegular | 0o644);
    directory.inoLow[i] = inode;
    directory.nlink[i] = nlink;
    directory.inoHigh[i] = directory.devMajor[i] = directory.devMinor[i] = 0;
  }
  return directory;
}

/** Lets groups meet names and notes what they say about each. */
class Meeting {
  readonly groups = new LinkGroups();
  readonly source: Directory;
  said: string[] = [];

  constructor(...links: ReadonlyArray<readonly [name: string, inode: number, nlink: number]>) {
    this.source = listing(links);
  }

  meet(i: number, standing: Standing): void {
    const name = this.source.name(i);
    this.groups.meet(this.source, i, standing, {
      lead: () => this.said.push(`lead ${name}`),
      follow: ({ path }) => this.said.push(`${name} -> ${path}`),
      standAlone: () => this.said.push(`alone ${name}`),
      defer: () => this.said.push(`defer ${name}`),
    });
  }

  led(i: number, isMade = true): void {
    const leader = isMade ? { path: this.source.name(i), transferred: true } : undefined;
    this.groups.led(this.source, i, leader);
  }

  take(): string[] {
    const { said } = this;
    this.said = [];
    return said;
  }
}

test("the first name that the target has leads, the others follow it once it stands", () => {
  const meeting = new Meeting(["a", 1, 4], ["b", 1, 4], ["c", 2, 2], ["d", 1, 4], ["e", 2, 2]);
  meeting.meet(0, "missing");
  meeting.meet(1, "there");
  meeting.meet(2, "there");
  meeting.meet(3, "missing");
  assert.deepEqual(meeting.take(), ["defer a", "lead b", "lead c"]);
  meeting.led(1);
  assert.deepEqual(meeting.take(), ["a -> b", "d -> b"]);
  meeting.led(2);
  meeting.meet(4, "there");
  assert.deepEqual(meeting.take(), ["e -> c"]);
});

test("where the target has none of the names the last one leads", () => {
  const meeting = new Meeting(["a", 1, 3], ["b", 1, 3], ["c", 1, 3]);
  for (let i = 0; i < 3; i++) meeting.meet(i, "missing");
  assert.deepEqual(meeting.take(), ["defer a", "defer b", "lead c"]);
  meeting.led(2);
  assert.deepEqual(meeting.take(), ["b -> c", "a -> c"]);
});

test("names outside of the transfer are not waited for at its end", () => {
  const meeting = new Meeting(["a", 1, 9], ["b", 1, 9]);
  meeting.meet(0, "missing");
  meeting.meet(1, "missing");
  meeting.take();
  meeting.groups.settleAll();
  assert.deepEqual(meeting.take(), ["lead b"]);
  meeting.led(1);
  assert.deepEqual(meeting.take(), ["a -> b"]);
});

test("when a leader fails another name leads, one that waited longest or was put off last", () => {
  const meeting = new Meeting(["a", 1, 4], ["b", 1, 4], ["c", 1, 4], ["d", 1, 4]);
  meeting.meet(0, "missing");
  for (let i = 1; i < 4; i++) meeting.meet(i, "there");
  assert.deepEqual(meeting.take(), ["defer a", "lead b"]);
  meeting.led(1, false);
  assert.deepEqual(meeting.take(), ["lead a"]);
  meeting.led(0, false);
  assert.deepEqual(meeting.take(), ["lead c"]);
  meeting.led(2);
  assert.deepEqual(meeting.take(), ["d -> c"]);
});

test("a name that need not be there follows if another one is made, and is left alone if none is", () => {
  const meeting = new Meeting(["a", 1, 2], ["b", 1, 2], ["c", 2, 2], ["d", 2, 2]);
  meeting.meet(0, "unwanted");
  meeting.meet(1, "missing");
  assert.deepEqual(meeting.take(), ["defer a", "lead b"]);
  meeting.led(1);
  assert.deepEqual(meeting.take(), ["a -> b"]);
  meeting.meet(2, "unwanted");
  meeting.meet(3, "unwanted");
  assert.deepEqual(meeting.take(), ["defer c", "alone c", "alone d"]);
});

test("a bounded number of names waits: the oldest group is settled without its rest", () => {
  const count = 1001;
  const links = Array.from({ length: count }, (_, i) => [`n${i}`, i, 2] as const);
  const meeting = new Meeting(...links);
  for (let i = 0; i < count; i++) meeting.meet(i, "missing");
  assert.deepEqual(meeting.take().slice(-2), ["defer n1000", "lead n0"]);
});

test("every name gets exactly one turn, whatever is there and whatever fails", () => {
  const standing = fc.constantFrom<Standing>("there", "missing", "unwanted");
  const name = fc.record({ inode: fc.nat(3), standing, fails: fc.boolean(), leads: fc.boolean() });
  fc.assert(
    fc.property(fc.array(name, { maxLength: 12 }), fc.nat(2), (names, outside) => {
      const nlink = (inode: number): number =>
        outside + names.filter((other) => other.inode === inode).length;
      const meeting = new Meeting(
        ...names.map(({ inode }, i) => [`${i}`, inode, nlink(inode)] as const),
      );
      const turns = new Map<string, string>();
      const take = (settles: boolean): void => {
        for (let said = meeting.take(); said.length > 0; said = meeting.take()) {
          for (const text of said) {
            if (text.startsWith("defer")) continue;
            const own = text.split(" ")[text.includes("->") ? 0 : 1] as string;
            assert.equal(turns.has(own), false, `${own} has one turn`);
            turns.set(own, text);
          }
          for (const text of settles ? turns.values() : said) {
            const [word, own] = text.split(" ");
            if (word === "lead" && !led.has(own as string)) {
              led.add(own as string);
              meeting.led(Number(own), !names[Number(own)]?.fails);
            }
          }
        }
      };
      const led = new Set<string>();
      names.forEach((each, i) => {
        meeting.meet(i, each.standing);
        take(true);
      });
      meeting.groups.settleAll();
      take(true);
      assert.equal(turns.size, names.length);
    }),
  );
});

test("isHardLinked() is about files with several names, never about directories", () => {
  const directory = listing([
    ["a", 1, 1],
    ["b", 2, 2],
  ]);
  directory.nlink[directory.add("d", typeDirectory | 0o755)] = 5;
  assert.deepEqual(
    [0, 1, 2].map((i) => isHardLinked(directory, i)),
    [false, true, false],
  );
});
