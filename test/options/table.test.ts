// The rules of the flag table.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Flag, flags } from "../../src/options/index.ts";
import { askRsync, noRsync } from "./oracle.ts";
import { rsyncLetters, rsyncLongNames } from "./rsync-names.ts";

interface Spelling {
  readonly flag: Flag;
  /** As in the list of rsync's names: "=" behind the name when it takes a value. */
  readonly spelled: string;
}

const takesValue = (flag: Flag): string =>
  flag.takes === "text" || flag.takes === "number" ? "=" : "";

const spellings: readonly Spelling[] = flags.flatMap((flag) => [
  ...[flag.name, ...(flag.aliases ?? [])]
    .filter((name) => name !== undefined)
    .map((name) => ({ flag, spelled: name + takesValue(flag) })),
  ...(flag.negations ?? []).map((name) => ({ flag, spelled: name })),
]);

const letters: readonly Spelling[] = flags
  .filter(({ short }) => short !== undefined)
  .map((flag) => ({ flag, spelled: flag.short + takesValue(flag) }));

const bare = (spelled: string): string => spelled.replace(/=$/, "");

describe("the flag table", () => {
  it("has no name and no letter twice", () => {
    for (const list of [spellings, letters]) {
      const names = list.map(({ spelled }) => bare(spelled));
      assert.deepEqual(
        names.filter((name, at) => names.indexOf(name) !== at),
        [],
      );
    }
  });

  it("has every name of rsync, with a value where rsync wants one", () => {
    const ours = spellings.filter(({ flag }) => flag.origin === "rsync");
    assert.deepEqual(ours.map(({ spelled }) => spelled).sort(), [...rsyncLongNames].sort());
  });

  it("has every letter of rsync, with a value where rsync wants one", () => {
    assert.deepEqual(letters.map(({ spelled }) => spelled).sort(), [...rsyncLetters].sort());
  });

  it("gives manifold's own flags no name of rsync's", () => {
    const theirs = new Set(rsyncLongNames.map(bare));
    for (const { flag, spelled } of spellings) {
      if (flag.origin !== "manifold") continue;
      assert.ok(!theirs.has(bare(spelled)), `--${spelled} shadows rsync's`);
      assert.equal(flag.short, undefined, `--${spelled} has a letter`);
    }
  });

  it("explains every flag in one line and in a manual", () => {
    for (const flag of flags) {
      const title = flag.name ?? flag.short;
      assert.ok(flag.help.length > 0 && flag.help.length <= 72, `help of ${title}`);
      assert.match(flag.help, /^[^A-Z]/, `help of ${title} begins in lower case`);
      assert.doesNotMatch(flag.help, /\.$/, `help of ${title} is no sentence`);
      assert.match(flag.manual, /\.$/, `manual of ${title} ends in a full stop`);
    }
  });

  it("can negate exactly the flags that have negations", () => {
    for (const flag of flags) {
      assert.equal(flag.negate !== undefined, flag.negations !== undefined, flag.name);
      for (const name of flag.negations ?? []) assert.match(name, /^(no-|detach$)/);
    }
  });

  it("says what a planned flag waits for or why one is impossible, and nothing of the kind elsewhere", () => {
    for (const flag of flags) {
      const needsReason = flag.status === "planned" || flag.status === "impossible";
      assert.equal(flag.waitsFor !== undefined, needsReason, flag.name);
    }
  });
});

describe("the list of rsync's names", { skip: noRsync }, () => {
  // Daemon switches change tables; help and the server's options end the reading of options.
  const special = [
    "config=",
    "daemon",
    "dparam=",
    "detach",
    "no-detach",
    "help",
    "server",
    "sender",
  ];
  const names = [...rsyncLongNames, ...rsyncLetters].filter((name) => !special.includes(name));
  const dashed = (name: string) => (name.length <= 2 ? `-${bare(name)}` : `--${bare(name)}`);

  it("has only names that rsync knows, and needs no values where it says so", () => {
    const plain = names.filter((name) => !name.endsWith("=") && !/^N$|crtimes/.test(name));
    const { message } = askRsync([...plain.map(dashed), "--nonsense"], "/");
    assert.equal(message, "--nonsense: unknown option");
  });

  it("wants values where rsync does", () => {
    for (const name of names.filter((known) => known.endsWith("="))) {
      assert.match(askRsync([dashed(name)], "/").message, /missing argument/, name);
    }
  });
});
