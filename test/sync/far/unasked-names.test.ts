// Pins what becomes of names that a source sends and nobody asked for, or that this end's filter rules leave out (the
// class of CVE-2022-29154): the run ends with protocol-data and the name, and nothing of it stands on the target.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { toBytes } from "../../../src/base/index.ts";
import { lane, type StartMessage } from "../../../src/session/index.ts";
import { askedOf } from "../../../src/sync/far/asked-of.ts";
import { askedFor, asked as flags, isAskedWhole } from "../../../src/sync/plan/asked-paths.ts";
import { typeDirectory } from "../../../src/tree/index.ts";
import { temporaryFolder } from "../../support/index.ts";
import {
  body,
  directory,
  type Entry,
  list,
  playSource,
  type Script,
  sayEnds,
  sayWalked,
} from "./scripted-source.ts";

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

type Asked = NonNullable<StartMessage["asked"]>;

const dir = typeDirectory | 0o755;
const places = (...paths: string[]): Asked => ({
  ...{ places: paths, expansion: "wildcards" },
  list: undefined,
});
const listed = (...names: string[]): Asked => ({
  ...{ places: ["/src"], expansion: "wildcards" },
  list: toBytes(names.map((name) => `${name}\0`).join("")),
});

/** Sends these entries in the top, and these in its one directory. */
function sends(
  top: readonly Entry[],
  inside?: { path: string; entries: readonly Entry[] },
): Script {
  return {
    walk: (peer) => {
      const record = body(top, { isWhole: false });
      peer.send(lane.listing, directory(record, { directory: 0, parent: 0, index: 0 }));
      if (inside !== undefined) {
        const { path, entries } = inside;
        const record = body(entries, { path, isWhole: false });
        peer.send(lane.listing, directory(record, { directory: 1, parent: 0, index: 0 }));
      }
      sayWalked(peer);
    },
  };
}

const selfRecord = body([], {
  self: list([{ name: ".", mode: typeDirectory | 0o777 }]),
  isWhole: false,
});

const relative = (script: Script): Script => ({ ...script, options: ["-R"] });
const inDirectory = (...entries: readonly Entry[]): Script =>
  sends([{ name: "d", mode: dir }], { path: "d", entries });

/** What was asked for, what comes, and the name that is refused; undefined = nothing is. */
const cases: Readonly<Record<string, readonly [Asked, Script, string | undefined]>> = {
  "another name": [places("/src/a"), sends([{ name: "b" }]), '"b"'],
  "the name": [places("/src/a"), sends([{ name: "a" }]), undefined],
  "a name beside the one": [places("/src/a"), sends([{ name: "a" }, { name: "ab" }]), '"ab"'],
  "a directory in the place of contents": [places("/src/d"), inDirectory({ name: "x" }), undefined],
  "contents of a directory that was not asked for": [places("/src/a"), inDirectory(), '"d"'],
  "anything where contents were asked for": [places("/src/"), sends([{ name: "b" }]), undefined],
  "what a wildcard stands for": [places("/src/*.c"), sends([{ name: "a.c" }]), undefined],
  "what no wildcard stands for": [places("/src/*.c"), sends([{ name: "a.h" }]), '"a.h"'],
  "a wildcard that was none": [places("/src/\\*.c"), sends([{ name: "a.c" }]), '"a.c"'],
  "the wildcard itself, which matched nothing": [
    places("/src/*.c"),
    sends([{ name: "*.c" }]),
    undefined,
  ],
  "what a list names": [listed("a", "d/x"), relative(inDirectory({ name: "x" })), undefined],
  "what a list does not name": [listed("a", "d/x"), relative(inDirectory({ name: "y" })), '"d/y"'],
  "what a list does not name in the top": [
    listed("a", "d/x"),
    relative(sends([{ name: "x" }])),
    '"x"',
  ],
  "what --relative implies": [
    places("/src/./d/x"),
    { ...inDirectory({ name: "x" }), options: ["-R"] },
    undefined,
  ],
  "what lies beside what --relative implies": [
    places("/src/./d/x"),
    { ...inDirectory({ name: "y" }), options: ["-R"] },
    '"d/y"',
  ],
  "what lies beside it, by a wildcard": [
    places("/src/./[cd]/x"),
    { ...inDirectory({ name: "y" }), options: ["-R"] },
    '"d/y"',
  ],
  "absent names that were not asked for": [
    places("/src/a"),
    {
      options: ["--delete-missing-args"],
      walk: (peer) =>
        peer.send(
          lane.listing,
          directory(body([], { absent: ["stays"], isWhole: false }), {
            directory: 0,
            parent: 0,
            index: 0,
          }),
        ),
    },
    '"stays"',
  ],
  "that all of the top was asked for": [
    places("/src/d"),
    {
      options: ["--delete"],
      walk: (peer) =>
        peer.send(
          lane.listing,
          directory(body([], { isWhole: true }), { directory: 0, parent: 0, index: 0 }),
        ),
    },
    'all of "."',
  ],
  "attributes of a top that was not asked for": [
    places("/src/d"),
    {
      walk: (peer) =>
        peer.send(
          lane.listing,
          directory(selfRecord, {
            ...{ directory: 0, parent: 0, index: 0 },
          }),
        ),
    },
    'attributes of "."',
  ],
  "what the rules leave out": [
    places("/src/"),
    { ...sends([{ name: "a.o" }]), options: ["--filter=- *.o"] },
    '"a.o", which the filter rules leave out',
  ],
  "what the rules leave out below": [
    places("/src/"),
    { ...inDirectory({ name: "x" }), options: ["--filter=- /d/x"] },
    '"d/x", which the filter rules leave out',
  ],
  "what the rules take": [
    places("/src/"),
    { ...sends([{ name: "a.o" }]), options: ["--filter=+ a.o", "--filter=- *.o"] },
    undefined,
  ],
  "what only leads to what was asked for, whatever the rules": [
    places("/src/./d/x"),
    { ...inDirectory({ name: "x" }), options: ["-R", "--filter=- /d"] },
    undefined,
  ],
};

describe("a target whose source sends", () => {
  for (const [what, [asked, script, refused]] of Object.entries(cases)) {
    it(`${what}: ${refused === undefined ? "takes it" : "refuses it"}`, async () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("target"));
      writeFileSync(folder.at("target/stays"), "stays");
      // Two arguments, of which one brought nothing: the target is a directory.
      const { agent, told } = await playSource(folder.at("target"), {
        ...{ begin: sayEnds, ...script },
        asked: { ...asked, places: [...asked.places] },
      });
      assert.ok(existsSync(folder.at("target/stays")));
      if (refused === undefined) {
        assert.equal(agent.error, undefined, told);
        return;
      }
      assert.equal(agent.exit, 12, told);
      assert.match(told, /^protocol-data: The other end sent /);
      assert.ok(told.includes(refused), told);
      assert.ok(told.includes("--trust-sender"), told);
      for (const name of ["b", "ab", "a.h", "a.o", "y", "x"])
        assert.equal(existsSync(folder.at(`target/${name}`)), false);
    });
  }

  it("a name that nobody asked for: takes it where the source is trusted", async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("target"));
    const { told } = await playSource(folder.at("target"), inDirectory());
    assert.equal(told, "exit 0");
    assert.ok(existsSync(folder.at("target/d")));
  });
});

describe("what was asked for", () => {
  const walk = { recurse: true, dirs: false, relative: true } as Parameters<typeof askedOf>[1];

  it("is every path of a long list with its parents, and nothing else", () => {
    const names = Array.from({ length: 5000 }, (_, i) => `${i % 7}/${i % 31}/${i}`);
    const paths = askedOf(listed(...names), walk);
    assert.ok(paths !== undefined);
    for (let i = 0; i < 5000; i += 13) {
      const parent = `${i % 7}/${i % 31}`;
      assert.equal(askedFor(paths, parent, `${i}`), flags.named | flags.contents);
      assert.equal(askedFor(paths, `${i % 7}`, `${i % 31}`), flags.implied);
      assert.equal(askedFor(paths, parent, `${i}x`), 0);
      assert.ok(isAskedWhole(paths, `${parent}/${i}/deep/er`));
      assert.equal(isAskedWhole(paths, parent), false);
    }
  });

  it("is not known where a shell made the places, or the list is on the other machine", () => {
    const shell = { places: ["/src/*"], expansion: "command-line", list: undefined } as const;
    assert.equal(askedOf(shell, walk), undefined);
    const far = { places: ["/src"], expansion: "home", list: { path: "x", from0: false } } as const;
    assert.equal(askedOf(far, walk), undefined);
  });
});
