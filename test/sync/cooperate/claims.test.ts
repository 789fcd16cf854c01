// Claims under everything that others can do between any two calls: they take, take over, tidy up, and die in the middle. In one file
// system in memory, where whoever is at work is interrupted by the rest before any of its calls.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Crash,
  type DirHandle,
  type FaultPlan,
  faultyFileSystem,
  memoryFileSystem,
} from "../../../src/fs/index.ts";
import { type Claim, Claims } from "../../../src/sync/cooperate/claims.ts";
import { Choice } from "../../support/index.ts";

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const seeds = isLong ? 5000 : 200;
const names = ["a", "b"];
/** Interruptions of interruptions. */
const depthMax = 3;

interface Contender {
  readonly name: string;
  readonly claims: Claims;
  readonly own: Map<string, Claim>;
  isDead: boolean;
}

/** Some contenders for two names, each of which may interrupt each other one. */
class Contest {
  readonly #fs = memoryFileSystem();
  readonly #dir: DirHandle;
  readonly #choice: Choice;
  readonly contenders: readonly Contender[];
  /** Claims that somebody took from a holder that lives: "name.turn" of the one it took. */
  readonly #given = new Set<string>();
  #depth = 0;
  taken = 0;
  takenOver = 0;

  constructor(seed: number) {
    this.#choice = new Choice(seed);
    this.#dir = this.#fs.openRoot("/");
    this.contenders = Array.from({ length: 2 + this.#choice.below(4) }, (_, n) => {
      const contender = { name: `c${n}`, own: new Map<string, Claim>(), isDead: false };
      const door = faultyFileSystem(this.#fs, this.#plan(contender));
      return Object.assign(contender, { claims: new Claims(door, this.#dir, contender.name) });
    });
  }

  /** One contender does one thing. */
  step(): void {
    const living = this.contenders.filter(({ isDead }) => !isDead);
    const contender = this.#choice.of(living);
    try {
      this.#act(contender, this.#choice.of(names));
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      contender.isDead = true;
    }
  }

  #act(contender: Contender, name: string): void {
    const { claims, own } = contender;
    const mine = own.get(name);
    if (mine !== undefined && claims.holds(mine)) {
      // It works on, and may come to an end: then everybody is told, and it is tidied up.
      if (this.#choice.percent(20)) {
        own.delete(name);
        this.#given.add(`${name}.${mine.turn}`);
      }
      return;
    }
    own.delete(name);
    const attempt = claims.take(name, 1000, ({ owner, turn }) => {
      const holder = this.contenders.find((one) => one.name === owner);
      return holder === undefined || holder.isDead || this.#given.has(`${name}.${turn}`);
    });
    if (attempt.kind === "held") return;
    const { claim } = attempt;
    own.set(name, claim);
    this.taken++;
    if (claim.turn > 0) this.takenOver++;
  }

  /** Before any call of a contender others may act, or it may die there. */
  #plan(contender: { isDead: boolean; name: string }): FaultPlan {
    return () => {
      const living = this.contenders.filter(({ isDead }) => !isDead).length;
      if (living > 1 && this.#choice.percent(1)) {
        contender.isDead = true;
        return { kind: "crash" };
      }
      if (this.#depth >= depthMax || this.#choice.percent(60)) return undefined;
      return {
        kind: "meddle",
        act: () => {
          this.#depth++;
          this.#meddle(contender.name);
          this.#depth--;
        },
      };
    };
  }

  #meddle(interrupted: string): void {
    const others = this.contenders.filter((one) => !one.isDead && one.name !== interrupted);
    if (others.length === 0) return;
    const other = this.#choice.of(others);
    try {
      this.#act(other, this.#choice.of(names));
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      other.isDead = true;
    }
  }

  /** Who holds a name, by what each would find if it looked now; nobody is interrupted. */
  holders(name: string): Contender[] {
    this.#depth = depthMax;
    const plain = (claim: Claim): boolean => new Claims(this.#fs, this.#dir, "").holds(claim);
    const found = this.contenders.filter(({ own }) => {
      const claim = own.get(name);
      return claim !== undefined && plain(claim);
    });
    this.#depth = 0;
    return found;
  }
}

test(`${seeds} contests: nobody holds what somebody else holds, and what the dead had is had again`, () => {
  let takenOver = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const contest = new Contest(seed);
    for (let n = 0; n < 60; n++) {
      contest.step();
      for (const name of names) {
        const holders = contest.holders(name).map((one) => one.name);
        assert.ok(holders.length <= 1, `MANIFOLD_SEED=${seed}: ${name} is held by ${holders}`);
      }
    }
    takenOver += contest.takenOver;
    assert.ok(contest.taken > 0, `MANIFOLD_SEED=${seed}`);
  }
  assert.ok(takenOver > seeds, String(takenOver));
});

test("a holder that lives is not pushed out by who takes it for somebody else's", () => {
  const fs = memoryFileSystem();
  const dir = fs.openRoot("/");
  const [one, two, three] = ["one", "two", "three"].map((name) => new Claims(fs, dir, name));
  const first = one?.take("x", 1, () => false);
  assert.equal(first?.kind, "taken");
  // Two find that the first one is gone, and the second of them is late: it looks again, and finds somebody who lives.
  const isGone = ({ owner }: { owner: string }): boolean => owner === "one";
  assert.equal(two?.take("x", 1, isGone).kind, "taken");
  const late = three?.take("x", 1, isGone);
  assert.deepEqual(late?.kind === "held" && late.holder.owner, "two");
  assert.equal(first?.kind === "taken" && one?.holds(first.claim), false);
});

test("what is cleared can be had again, and claims from before do not count", () => {
  const fs = memoryFileSystem();
  const dir = fs.openRoot("/");
  const [one, two] = ["one", "two"].map((name) => new Claims(fs, dir, name));
  const first = one?.take("x", 1, () => false);
  const second = two?.take("x", 1, () => true);
  assert.equal(second?.kind, "taken");
  one?.clear("x");
  assert.equal(second?.kind === "taken" && two?.holds(second.claim), false);
  const third = one?.take("x", 1, () => false);
  assert.equal(third?.kind, "taken");
  assert.equal(third?.kind === "taken" && third.claim.turn, 0);
  // It has the same name as the first one: the inode tells them apart.
  assert.equal(first?.kind === "taken" && one?.holds(first.claim), false);
});
