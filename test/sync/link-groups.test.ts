// Pins that every group of hard links gets one leader, the first in listing order that can be made.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isHardLinked, LinkGroups } from "../../src/sync/link-groups.ts";
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

test("the first name leads, the others follow it once it stands", () => {
  const source = listing([
    ["a", 1, 3],
    ["b", 1, 3],
    ["c", 2, 2],
    ["d", 1, 3],
    ["e", 2, 2],
  ]);
  const groups = new LinkGroups();
  const said: string[] = [];
  const meet = (i: number): void =>
    groups.meet(
      source,
      i,
      () => said.push(`lead ${source.name(i)}`),
      ({ path }) => said.push(`${source.name(i)} -> ${path}`),
    );
  for (let i = 0; i < 4; i++) meet(i);
  assert.deepEqual(said, ["lead a", "lead c"]);
  groups.led(source, 0, { path: "a", kept: false });
  assert.deepEqual(said.slice(2), ["b -> a", "d -> a"]);
  groups.led(source, 2, { path: "c", kept: true });
  meet(4);
  assert.deepEqual(said.slice(4), ["e -> c"]);
});

test("when a leader fails the next name leads", () => {
  const source = listing([
    ["a", 1, 3],
    ["b", 1, 3],
    ["c", 1, 3],
  ]);
  const groups = new LinkGroups();
  const said: string[] = [];
  for (let i = 0; i < 3; i++) {
    groups.meet(
      source,
      i,
      () => said.push(`lead ${source.name(i)}`),
      ({ path }) => said.push(`${source.name(i)} -> ${path}`),
    );
  }
  groups.led(source, 0, undefined);
  assert.deepEqual(said, ["lead a", "lead b"]);
  groups.led(source, 1, { path: "b", kept: false });
  assert.deepEqual(said, ["lead a", "lead b", "c -> b"]);
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
