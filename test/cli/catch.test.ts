// `manifold catch`: casts reach daemons that wait for them, come in late, come back, apply together or not at all, and
// leave a report of what became of each.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { assertSameTree, Choice, readTree } from "../support/index.ts";
import { CatchScene } from "./catch-scene.ts";

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";

/** On a busy machine it takes a while until a target is there. */
const patient = "--join-window=60";

function makeSource(scene: CatchScene, bytes: number): void {
  const choice = new Choice(7);
  mkdirSync(scene.folder.at("source/deep"), { recursive: true });
  writeFileSync(scene.folder.at("source/large"), choice.bytes(bytes));
  for (let n = 0; n < 9; n++) writeFileSync(scene.folder.at(`source/deep/${n}`), `${n}`);
}

function assertCaught(scene: CatchScene, names: readonly string[]): void {
  for (const name of names) {
    assertSameTree(readTree(scene.folder.at("source")), scene.folder.at(name));
    assert.ok(!readdirSync(scene.folder.at(name)).includes(".manifold"), "nothing is left over");
  }
}

/** A port of the loopback interface that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("manifold catch", () => {
  it("takes casts one after the other, tells how each target fared, and can retry", async () => {
    await using scene = new CatchScene();
    makeSource(scene, 5_000_000);
    const [one, two, sink] = await Promise.all([
      scene.catch("one"),
      scene.catch("two"),
      scene.catch("sink", ["--discard"]),
    ]);
    const rehearsed = await scene.cast(["-n", patient, "source/"], [one.url, two.url]);
    assert.equal(rehearsed.exit, 0, rehearsed.out);
    assert.match(rehearsed.out, /2 of 2 targets would be cast to, 5\.0\d MB in all/);
    assert.deepEqual(readdirSync(scene.folder.at("one")), []);
    const words = ["--report=report", "--commit=all", patient, "source/"];
    const first = await scene.cast(words, [one.url, two.url, sink.url]);
    assert.equal(first.exit, 0, first.out);
    assertCaught(scene, ["one", "two"]);
    assert.deepEqual(readdirSync(scene.folder.at("sink")), []);
    const report = JSON.parse(readFileSync(scene.folder.at("report"), "utf8"));
    const digests = report.targets.map((row: { digest: string }) => row.digest);
    assert.match(digests[0], /^[0-9a-f]{64}$/);
    assert.deepEqual(digests, [digests[0], digests[0], digests[0]], "all got the same stream");
    two.child.kill("SIGKILL");
    await two.ended;
    writeFileSync(scene.folder.at("source/deep/1"), "changed");
    const second = await scene.cast(
      ["--report=report", "--join-window=0", "--json", "source/"],
      [one.url, two.url],
    );
    assert.equal(second.exit, 10, second.out);
    const told = second.out.split("\n").filter((line) => line.startsWith('{"type":"target"'));
    const states = told.map((line) => JSON.parse(line).state);
    assert.deepEqual(states, ["committed", "lost"]);
    const port = Number(/\d+$/.exec(two.url)?.[0]);
    await scene.catch("two", [], { port });
    const third = await scene.cast(["--retry-from=report", patient, "source/"], []);
    assert.equal(third.exit, 0, third.out);
    assert.match(third.out, /1 of 1 target has everything/);
    assertCaught(scene, ["one", "two"]);
  });

  it("applies nothing where --commit wants more targets than have everything, and sends nothing without --min-targets", async () => {
    await using scene = new CatchScene();
    makeSource(scene, 3_000_000);
    const [one, two, gone] = await Promise.all([
      scene.catch("one"),
      scene.catch("two"),
      scene.catch("gone"),
    ]);
    gone.child.kill("SIGKILL");
    await gone.ended;
    const all = [one.url, two.url, gone.url];
    const few = await scene.cast(["--min-targets=100%", "--join-window=0", "source/"], all);
    assert.equal(few.exit, 5, few.out);
    assert.match(few.out, /only 2 of 3 targets are there, and --min-targets wants 3/);
    const none = await scene.cast(["--commit=quorum=70%", "--join-window=0", "source/"], all);
    assert.equal(none.exit, 23, none.out);
    assert.match(none.out, /not applied: 2 of 3 targets have everything, and --commit wants 3/);
    assert.deepEqual(readdirSync(scene.folder.at("one")), [".manifold"]);
    const words = ["--commit=quorum=60%", "--join-window=0", "--report=report", "source/"];
    const most = await scene.cast(words, all);
    assert.equal(most.exit, 10, most.out);
    assertCaught(scene, ["one", "two"]);
    // What came the first time waited there: no more than what is not a whole stretch is sent again.
    const { sent, stream } = JSON.parse(readFileSync(scene.folder.at("report"), "utf8"));
    assert.ok(stream > 3_000_000 && sent < 2 * 1_050_000 + 100_000, `${sent} of ${stream} bytes`);
  });

  it("goes to the casts of a master, one after the other, and a cast tells who has not come", async () => {
    await using scene = new CatchScene();
    makeSource(scene, 3_000_000);
    const port = await freePort();
    const visitors = ["one", "two"].map((name) => scene.visit(name, port));
    await Promise.all(visitors.map(({ logged }) => logged("waits")));
    const own = [`--port=${port}`, "--address=127.0.0.1", "--report=report"];
    const words = [...own, `--serve-config=${scene.folder.at("conf")}`, "source/"];
    const first = await scene.cast([patient, "--admit=2", "--commit=all", ...words], []);
    assert.equal(first.exit, 0, first.out);
    assert.match(first.out, /me \(127\.0\.0\.1\) +committed/);
    assertCaught(scene, ["one", "two"]);
    writeFileSync(scene.folder.at("source/deep/1"), "changed");
    const second = await scene.cast([patient, "--admit=2", ...words], []);
    assert.equal(second.exit, 0, second.out);
    assertCaught(scene, ["one", "two"]);
    for (const { child } of visitors) child.kill("SIGTERM");
    assert.deepEqual(await Promise.all(visitors.map(({ ended }) => ended)), [0, 0]);
    const third = await scene.cast(["--join-window=0", "--admit=1", ...words], []);
    assert.equal(third.exit, 35, third.out);
    assert.match(third.out, /\(absent 1\) +lost \(exit 35\)/);
    assert.match(third.out, /0 of 1 target has everything/);
    const retried = await scene.cast(["--retry-from=report", "source/"], []);
    assert.match(retried.out, /there is none/, "whoever comes cannot be reached");
  });

  const bytes = 10_000_000_000;
  it(`moves ${bytes / 1e9} GB in less than 250 MB of memory`, {
    skip: !isLong && "long",
  }, async (context) => {
    await using scene = new CatchScene({ limitMs: 1_800_000 });
    mkdirSync(scene.folder.at("source"));
    writeFileSync(scene.folder.at("source/large"), "");
    truncateSync(scene.folder.at("source/large"), bytes);
    const sink = await scene.catch("sink", ["--discard"]);
    // Prints the most that the program behind it had, in KiB.
    const script = `import resource, subprocess, sys
exit = subprocess.run(sys.argv[1:]).returncode
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(exit)`;
    const measured = (argv: readonly string[]) => ["python3", "-c", script, ...argv];
    const words = [patient, "--mcast-group=239.255.77.1", "source/"];
    const { exit, out } = await scene.cast(words, [sink.url], measured);
    assert.equal(exit, 0, out);
    const master = Number(/^peak (\d+)$/m.exec(out)?.[1]) * 1024;
    const status = readFileSync(`/proc/${sink.child.pid}/status`, "latin1");
    const target = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    context.diagnostic(`${master / 1e6} MB at the master, ${target / 1e6} MB at the target`);
    assert.ok(master < 250e6, `${master} bytes at the master`);
    assert.ok(target < 250e6, `${target} bytes at the target`);
  });

  it("lets in only masters that it knows, to casts only, and ends with the first cast if told to", async () => {
    await using scene = new CatchScene();
    makeSource(scene, 10_000);
    const { url, ended } = await scene.catch("one", ["--once"]);
    const sync = await scene.start([patient, "source/"], [url]).ended;
    assert.equal(sync.exit, 0, sync.out);
    assert.equal(await ended, 0);
    writeFileSync(scene.folder.at("allowed"), "");
    const closed = await scene.catch("two");
    const refused = await scene.cast([patient, "source/"], [closed.url]);
    assert.equal(refused.exit, 5, refused.out);
    assert.match(refused.out, /lost \(exit 5\).*not for you/);
    assert.ok(!existsSync(scene.folder.at("two/large")));
  });
});
