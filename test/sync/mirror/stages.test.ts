// --stages: whoever uses the target finds, at every instant, everything that its indices name. The archive is looked at before every
// call by which a run changes the target, and the run is killed at any of them.

import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { ManifoldError } from "../../../src/base/index.ts";
import { type FaultPlan, faultyFileSystem, openFileSystem } from "../../../src/fs/index.ts";
import { MirrorRun } from "../../../src/sync/index.ts";
import type { ProgressEvent } from "../../../src/tree/index.ts";
import { optionsOf } from "../../options/resolve.ts";
import { collectPackages, whatIsMissing, writeArchive } from "../../source/http/debian-archive.ts";
import { sampled, type TemporaryFolder, temporaryFolder } from "../../support/index.ts";
import { inlineSurroundings } from "../run-inline.ts";

const changes: ReadonlySet<string> = new Set([
  ...["createFile", "rename", "unlink", "link", "makeDirectory", "removeDirectory", "truncate"],
  ...["makeSymlink", "openWrite"],
]);

/** Makes "old" and "new": the same archive, before and after packages and indices were replaced. */
function makeArchives(folder: TemporaryFolder): void {
  const packages = collectPackages(folder.at("packages"), 6);
  const forms = ["", ".gz"] as const;
  for (const name of ["old", "new"]) mkdirSync(folder.at(name));
  writeArchive(folder.at("old"), {
    packages: packages.slice(0, 4),
    madeAt: 1_700_000_000,
    forms,
    byHash: true,
  });
  writeArchive(folder.at("new"), {
    packages: packages.slice(2),
    madeAt: 1_700_100_000,
    forms,
    byHash: true,
  });
}

interface Ran {
  readonly exit: number | undefined;
  readonly events: readonly ProgressEvent[];
}

/** Runs in this thread; without an exit status it was killed. */
async function run(
  folder: TemporaryFolder,
  plan: FaultPlan,
  argv: string[],
  begun: (run: MirrorRun) => void = () => undefined,
): Promise<Ran> {
  const door = faultyFileSystem(openFileSystem(), plan);
  const events: ProgressEvent[] = [];
  const listener = {
    started: () => undefined,
    event: (event: ProgressEvent) => void events.push(event),
  };
  const around = inlineSurroundings(door, { workingDirectory: folder.path });
  const options = optionsOf([...argv, folder.at("new/"), folder.at("target")], {
    personality: "manifold",
  });
  // Clocks of runs keep no process alive.
  const alive = setInterval(() => undefined, 1000);
  try {
    const mirrorRun = new MirrorRun(options, around, listener);
    begun(mirrorRun);
    const { exit } = await mirrorRun.run();
    return { exit, events };
  } catch (error) {
    if ((error as Error).name !== "Crash") throw error;
    return { exit: undefined, events };
  } finally {
    clearInterval(alive);
  }
}

/** Looks before every call that changes something; the call `killedAt` of these never happens. */
function looking(
  target: string,
  killedAt = Number.POSITIVE_INFINITY,
): { plan: FaultPlan; seen: { count: number } } {
  const seen = { count: 0 };
  return {
    seen,
    plan: ({ operation }) => {
      if (!changes.has(operation)) return undefined;
      assert.equal(whatIsMissing(target), undefined, `before change ${seen.count}`);
      seen.count++;
      return seen.count === killedAt ? { kind: "crash" } : undefined;
    },
  };
}

/** The same files with the same content; of a killed run of a process that still lives more may be left in the state directory. */
function assertIsNew(folder: TemporaryFolder): void {
  rmSync(folder.at("target/.manifold"), { recursive: true, force: true });
  const pathsIn = (name: string): string[] =>
    readdirSync(folder.at(name), { recursive: true, encoding: "utf8" }).sort();
  assert.deepEqual(pathsIn("target"), pathsIn("new"));
  assert.equal(whatIsMissing(folder.at("target")), undefined);
}

const argv = ["--stages=debian", "--delete"];

test("an archive is usable at every instant of a run, killed at any of them", async (context) => {
  await using folder = temporaryFolder();
  makeArchives(folder);
  const begin = (): void => {
    rmSync(folder.at("target"), { recursive: true, force: true });
    cpSync(folder.at("old"), folder.at("target"), { recursive: true, preserveTimestamps: true });
  };
  begin();
  const whole = looking(folder.at("target"));
  const ran = await run(folder, whole.plan, argv);
  assert.equal(ran.exit, 0, JSON.stringify(ran.events.filter(({ type }) => type === "problem")));
  assertIsNew(folder);
  const instants = whole.seen.count;
  assert.ok(instants > 30, `${instants} instants`);
  context.diagnostic(`looked at ${instants} instants`);
  const moments = Array.from({ length: instants - 1 }, (_, n) => n + 1);
  for (const moment of sampled(moments, 12)) {
    begin();
    const { plan, seen } = looking(folder.at("target"), moment);
    const killed = await run(folder, plan, argv);
    // How many changes there are hangs on how busy the machine is.
    assert.equal(killed.exit, seen.count < moment ? 0 : undefined, `killed at ${moment}`);
    assert.equal(whatIsMissing(folder.at("target")), undefined, `killed at ${moment}`);
    const again = await run(folder, looking(folder.at("target")).plan, argv);
    assert.equal(again.exit, 0, `after ${moment}`);
    assertIsNew(folder);
  }
});

test("without stages it is not: the test can tell", async () => {
  await using folder = temporaryFolder();
  makeArchives(folder);
  cpSync(folder.at("old"), folder.at("target"), { recursive: true, preserveTimestamps: true });
  await assert.rejects(
    run(folder, looking(folder.at("target")).plan, ["--mirror=old", "--delete-before"]),
    /before change/,
  );
});

test("a source that changes between stages is listed once more before anything points at it", async () => {
  await using folder = temporaryFolder();
  makeArchives(folder);
  cpSync(folder.at("old"), folder.at("target"), { recursive: true, preserveTimestamps: true });
  let hasChanged = false;
  const { plan } = looking(folder.at("target"));
  const ran = await run(
    folder,
    (call) => {
      // The first package is in its place.
      if (!hasChanged && call.operation === "rename") {
        hasChanged = true;
        const packages = collectPackages(folder.at("packages"), 6);
        writeArchive(folder.at("new"), {
          packages: packages.slice(3),
          madeAt: 1_700_200_000,
          forms: ["", ".gz"],
          byHash: true,
        });
      }
      return plan(call);
    },
    argv,
  );
  assert.equal(ran.exit, 0, JSON.stringify(ran.events.filter(({ type }) => type === "problem")));
  assert.ok(hasChanged);
  assert.ok(
    ran.events.some((event) => event.type === "note" && event.text.includes("changed meanwhile")),
  );
  assertIsNew(folder);
});

test("a run that is stopped between two stages ends there", { timeout: 30_000 }, async () => {
  await using folder = temporaryFolder();
  makeArchives(folder);
  cpSync(folder.at("old"), folder.at("target"), { recursive: true, preserveTimestamps: true });
  let stop = (): void => undefined;
  const stopping: FaultPlan = ({ operation, name }) => {
    if (operation === "createFile" && name === "stages") stop();
    return undefined;
  };
  const stopped = run(folder, stopping, argv, (mirrorRun) => {
    stop = () => mirrorRun.cancel(new ManifoldError("signal", "Stopped between two stages"));
  });
  await assert.rejects(stopped, /Stopped between two stages/);
  assert.equal(whatIsMissing(folder.at("target")), undefined);
});

test("patterns are stages, too: what waits comes last, and a stage that is not complete holds back what follows", async () => {
  await using folder = temporaryFolder();
  mkdirSync(folder.at("new/sub"), { recursive: true });
  for (const name of ["pointer", "a.index", "sub/b.index", "content", "sub/more"]) {
    writeFileSync(folder.at(`new/${name}`), name);
  }
  mkdirSync(folder.at("target"));
  const order: string[] = [];
  const stages = ["--stages=*.index", "--stages=/pointer,nothing"];
  const ran = await run(
    folder,
    ({ operation }) => {
      if (operation !== "rename" && operation !== "link") return undefined;
      for (const name of ["content", "sub/more", "a.index", "sub/b.index", "pointer"]) {
        if (existsSync(folder.at(`target/${name}`)) && !order.includes(name)) order.push(name);
      }
      return undefined;
    },
    stages,
  );
  assert.equal(ran.exit, 0);
  if (!order.includes("pointer")) order.push("pointer");
  const rank = (name: string): number => order.indexOf(name);
  assert.ok(
    Math.max(rank("content"), rank("sub/more")) < Math.min(rank("a.index"), rank("sub/b.index")),
    order.join(),
  );
  assert.ok(Math.max(rank("a.index"), rank("sub/b.index")) < rank("pointer"), order.join());

  mkdirSync(folder.at("target/.manifold"));
  writeFileSync(folder.at("target/.manifold/stages"), "what a killed run left");
  assert.equal((await run(folder, () => undefined, [`--mirror=${folder.at("new")}`])).exit, 0);
  assert.ok(!existsSync(folder.at("target/.manifold")), "of no use without stages");
  appendFileSync(folder.at("new/content"), "newer");
  appendFileSync(folder.at("new/pointer"), "newer");
  utimesSync(folder.at("new/pointer"), 1_600_000_000, 1_600_000_000);
  const failing: FaultPlan = ({ operation, name }) =>
    operation === "openRead" && name === "content" ? { kind: "fail", errno: 5 } : undefined;
  const partly = await run(folder, failing, stages);
  assert.equal(partly.exit, 23);
  assert.equal(readFileSync(folder.at("target/pointer"), "utf8"), "pointer");
});
