// Processes that work together, in simulated time: killed between any two calls to the file system, held up, late, with sources that
// are slow, stale or lie; whoever is left has the tree, soon, and nothing is left behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../src/base/index.ts";
import { faultyFileSystem, memoryFileSystem, Stat } from "../../../src/fs/index.ts";
import { digestOf } from "../../../src/hash/index.ts";
import type { ReferencePolicy } from "../../../src/options/index.ts";
import type { ListedEntry, PullSource } from "../../../src/source/index.ts";
import { enterJob } from "../../../src/sync/cooperate/enter-job.ts";
import { removeJobFolder } from "../../../src/sync/state/job-folders.ts";
import { noise } from "../../source/conformance/fixture.ts";
import { Choice, ManualClock } from "../../support/index.ts";
import { ScriptedTree, type TreeScript } from "./scripted-tree.ts";
import { type Fate, SimulatedMember, type SimulatedWorld } from "./simulated-members.ts";

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const scenes = Number(process.env.MANIFOLD_COUNT ?? (isLong ? 1500 : 5));
const id = "0123456789abcdef";
const large = 4_000_000;
const secondsMax = 400;

interface Cast {
  readonly script: Omit<TreeScript, "url">;
  readonly fate?: Fate;
}

interface Played {
  readonly members: readonly SimulatedMember[];
  readonly world: SimulatedWorld;
  readonly seconds: number;
}

const content = new Map<string, Uint8Array>([
  ["large", Buffer.from(noise(large, 1), "latin1")],
  ...Array.from({ length: 24 }, (_, n): [string, Uint8Array] => [
    `f${n}`,
    Buffer.from(noise(1 + n * 3571, n), "latin1"),
  ]),
]);
const bytesOfAll = [...content.values()].reduce((sum, { length }) => sum + length, 0);

function entriesOf(hasDigests: boolean): Map<string, ListedEntry> {
  const entries = [...content].map(([path, bytes]): [string, ListedEntry] => {
    const digest = { algorithm: "blake3", value: digestOf("blake3", bytes) } as const;
    const entry = {
      name: path,
      kind: "file",
      size: bytes.length,
      mtime: 1,
      mtimeNanos: 0,
    } as const;
    return [path, hasDigests ? { ...entry, digest } : entry];
  });
  return new Map(entries);
}

/** Lets them work until all have ended. */
async function play(
  cast: readonly Cast[],
  hasDigests: boolean,
  about: string,
  policy?: ReferencePolicy,
): Promise<Played> {
  const clock = new ManualClock();
  const fs = memoryFileSystem({ clock });
  fs.makeDirectory(fs.openRoot("/"), "to", 0o755);
  const world = {
    fs,
    clock,
    dead: new Set<string>(),
    contents: content,
    entries: entriesOf(hasDigests),
    policy,
    published: [],
  };
  const members = await Promise.all(
    cast.map(async ({ script, fate = {} }, n) => {
      const source = new ScriptedTree({ ...script, url: `source-${n}` }, content, clock);
      const abilities = await source.probe();
      const pull = {
        source,
        abilities,
        bringsContent: true,
        connectionsMax: 1,
        rateMax: undefined,
      };
      return new SimulatedMember(`member-${n}`, world, pull, fate);
    }),
  );
  for (const member of members) member.start();
  const isOver = (): boolean =>
    members.every(({ end, error }) => end !== undefined || error !== undefined);
  while (!isOver() && clock.now() < secondsMax * 1000) await clock.advance(100);
  for (const { error, name, end } of members) {
    assert.equal(error, undefined, `${about}: ${name}: ${String(error)}`);
    assert.ok(end !== undefined, `${about}: ${name} has not ended`);
  }
  const seconds = Math.max(...members.map(({ endedAt }) => endedAt)) / 1000;
  return { members, world, seconds };
}

/** Somebody had the whole tree, and it was right; nothing is left but what a killed one was the last to have. */
function assertWhole({ members, world }: Played, about: string): void {
  const survivors = members.filter(({ end }) => end === "done");
  const found = members.filter(({ conducted }) => conducted !== undefined);
  if (survivors.length === 0) return;
  assert.ok(found.length > 0, about);
  for (const { conducted } of found) {
    for (const [path, bytes] of content) {
      const got = conducted?.get(path);
      assert.ok(
        typeof got === "object" && Buffer.from(got).equals(bytes),
        `${about}: ${path} ${typeof got === "string" ? got : ""}`,
      );
    }
  }
  // Whoever was killed after the others had left could not tidy up.
  const left = Math.min(...survivors.map(({ endedAt }) => endedAt));
  const isLate = members.some(({ end, endedAt }) => end === "killed" && endedAt >= left);
  assert.ok(isLate || !hasDebris(world), about);
}

function hasDebris({ fs }: SimulatedWorld): boolean {
  return fs.stat(fs.openRoot("/to"), ".manifold", new Stat());
}

test("four sources of very different rates are through nearly as soon as they could be", async () => {
  const rates = [1_000_000, 500_000, 125_000, 25_000];
  const played = await play(
    rates.map((rate) => ({ script: { rate } })),
    true,
    "four",
  );
  assertWhole(played, "four");
  const bound = bytesOfAll / rates.reduce((sum, rate) => sum + rate, 0);
  assert.ok(played.seconds < bound * 1.2 + 0.3, `${played.seconds} s of ${bound} s`);
  const brought = played.members.reduce((sum, { bytes }) => sum + bytes, 0);
  assert.ok(brought < bytesOfAll * 1.1, `${brought} of ${bytesOfAll}`);
});

test("one that stalls, one that is stale and one that lies cost little, and do no harm", async () => {
  const cast = [
    { script: { rate: 800_000 } },
    { script: { rate: 400_000, stallsAt: 1.5 } },
    { script: { rate: 400_000, isStale: true } },
    { script: { rate: 400_000, liesEvery: 500_000 } },
  ];
  const played = await play(cast, true, "trouble");
  assertWhole(played, "trouble");
  assert.ok(played.seconds < (bytesOfAll / 800_000) * 1.6, String(played.seconds));
});

test("who is held up for longer than a lease loses what it had, and comes back to a tree that is there", async () => {
  const cast = [
    { script: { rate: 150_000 }, fate: { stopsAt: 5_000, stopsFor: 45_000 } },
    { script: { rate: 150_000 } },
  ];
  const played = await play(cast, true, "held up");
  assertWhole(played, "held up");
  assert.ok((played.members[1]?.endedAt ?? 0) < 50_000);
});

/** Plays processes whose trees were made at some times and that start at others; says who said what the tree is. */
async function referenceOf(
  policy: ReferencePolicy,
  fates: readonly Fate[],
): Promise<readonly { readonly name: string; readonly at: number }[]> {
  const rate = 4_000_000;
  const played = await play(
    fates.map((fate) => ({ script: { rate }, fate })),
    true,
    policy,
    policy,
  );
  assertWhole(played, policy);
  return played.world.published.map(({ name, at }) => ({ name, at: Math.round(at / 1000) }));
}

test("the newest of those who come together says what the tree is, also one who comes while another lists", async () => {
  const together = [{ madeAt: 5 }, { madeAt: 9, startsAt: 2000 }, { madeAt: 7 }];
  assert.deepEqual(await referenceOf("freshest", together), [{ name: "member-1", at: 4 }]);
  const late = [{ madeAt: 5 }, { madeAt: 9, startsAt: 3500 }];
  assert.deepEqual(await referenceOf("freshest", late), [{ name: "member-1", at: 5 }]);
  const tooLate = [{ madeAt: 5 }, { madeAt: 9, startsAt: 3900 }];
  assert.deepEqual(await referenceOf("freshest", tooLate), [{ name: "member-0", at: 4 }]);
  const untold = [{ madeAt: undefined }, { madeAt: 2 }];
  assert.deepEqual(await referenceOf("freshest", untold), [{ name: "member-1", at: 4 }]);
});

test("of those who are at the state that half of them have one says what the tree is", async () => {
  const four = [{ madeAt: 9 }, { madeAt: 6 }, { madeAt: 6 }, { madeAt: 3 }];
  const [found, ...more] = await referenceOf("quorum", four);
  assert.ok(found?.name === "member-1" || found?.name === "member-2", JSON.stringify(found));
  assert.deepEqual(more, []);
});

test("where the newest is stopped before it has said anything the next one says what the tree is, after its lease", async () => {
  const fates = [{ madeAt: 5 }, { madeAt: 9, stopsAt: 1000, stopsFor: 60_000 }, { madeAt: 7 }];
  const [found] = await referenceOf("freshest", fates);
  assert.deepEqual(found, { name: "member-2", at: 32 });
});

test("who enters while the folder goes enters another one, or is told so, whatever it was about to do", async () => {
  const url = "source";
  for (let call = 1, isThrough = false; !isThrough; call++) {
    const clock = new ManualClock();
    const world = memoryFileSystem({ clock });
    world.makeDirectory(world.openRoot("/"), "to", 0o755);
    let calls = 0;
    const fs = faultyFileSystem(world, () => {
      if (++calls === call) removeJobFolder(world, world.openRoot("/to"), `coop-${id}.0`);
      return undefined;
    });
    const pull = { abilities: { depth: 1, ranges: true } } as PullSource;
    const { cooperation, folder } = enterJob(
      { fs, target: "/to", id, self: "me" },
      {
        ...{ pull, url, clock, random: seededRandom(1), isGone: () => false },
      },
    );
    isThrough = calls < call;
    if (isThrough) assert.ok(call > 20, `${call} calls`);
    const expected = folder.isCurrent() ? "conduct" : "vanished";
    assert.equal((await cooperation.turn()).kind, expected, `at call ${call}`);
    cooperation.leave(true);
  }
});

test(`${scenes} scenes of kills at any call, among sources in trouble: whoever is left has the tree`, async () => {
  let killed = 0;
  let survived = 0;
  for (let seed = firstSeed; seed < firstSeed + scenes; seed++) {
    const choice = new Choice(seed);
    const count = 2 + choice.below(5);
    const cast = Array.from({ length: count }, (_, n) => actor(choice, n === 0));
    const about = `MANIFOLD_SEED=${seed}`;
    // Those wait for seconds of simulated time, in which everybody looks fifty times a second.
    const policy = choice.percent(25) ? choice.of(["freshest", "quorum"] as const) : undefined;
    const played = await play(choice.shuffled(cast), choice.percent(50), about, policy);
    assertWhole(played, about);
    killed += played.members.filter(({ end }) => end === "killed").length;
    survived += played.members.filter(({ end }) => end === "done").length;
  }
  assert.ok(killed >= scenes && survived >= scenes, `${killed} killed, ${survived} survived`);
});

/** One of a scene; `stays`: it has everything, and is there from the beginning to the end. */
function actor(choice: Choice, stays: boolean): Cast {
  const rate = (1 + choice.below(20)) * 60_000;
  if (stays) return { script: { rate } };
  const killedAtCall = 1 + choice.below(choice.of([60, 600, 4000]));
  const killed = choice.percent(70) ? { killedAtCall } : {};
  const kind = choice.below(100);
  // Whoever is in trouble, and by itself, gets nowhere: so it comes while there are others.
  if (kind < 15) return { script: { rate, isStale: true }, fate: killed };
  if (kind < 30) return { script: { rate, stallsAt: choice.below(6) }, fate: killed };
  const startsAt = choice.percent(40) ? choice.below(4000) : 0;
  const heldUp = { stopsAt: choice.below(6000), stopsFor: choice.of([500, 5000, 60_000]) };
  const madeAt = choice.percent(80) ? choice.below(4) : undefined;
  return { script: { rate }, fate: { startsAt, madeAt, ...killed, ...(kind < 45 && heldUp) } };
}
