// Casts with real packets, in networks of their own (network-lab.ts): losses, slow, stalled, killed and late targets,
// several casts at once, IPv6, a router, and switches that send multicast nowhere.

import assert from "node:assert/strict";
import { type ChildProcess, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertSameTree, Choice, readTree } from "../support/index.ts";
import { type CastEnd, type Catcher, CatchScene } from "./catch-scene.ts";
import { type LabPlace, type LabTraits, NetworkLab, noLab } from "./network-lab.ts";

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";
const million = 1_000_000;

interface Row {
  readonly state: string;
  readonly reason: string | null;
  readonly stream: number;
  readonly multicastBytes: number;
  readonly unicastBytes: number;
  readonly missingRate: number;
  readonly datagrams: number;
  readonly seconds: number;
}

/** A network with a catcher in each target's place. */
class CastLab {
  readonly net: NetworkLab;
  readonly scene = new CatchScene();
  readonly catchers: Catcher[] = [];

  private constructor(net: NetworkLab) {
    this.net = net;
  }

  static async open(traits: LabTraits, bytes: number): Promise<CastLab> {
    const lab = new CastLab(await NetworkLab.open(traits));
    const choice = new Choice(3);
    mkdirSync(lab.scene.folder.at("source/small"), { recursive: true });
    writeFileSync(lab.scene.folder.at("source/large"), choice.bytes(bytes));
    for (let n = 0; n < 20; n++) writeFileSync(lab.scene.folder.at(`source/small/${n}`), `${n}`);
    return lab;
  }

  /** Starts catchers in these places; all of them without a word. */
  async catch(numbers: readonly number[] = this.all, six = false): Promise<void> {
    const started = numbers.map((number) => this.catchAt(number, six));
    this.catchers.push(...(await Promise.all(started)));
  }

  catchAt(number: number, six = false, port = 8730): Promise<Catcher> {
    const place = this.net.targets[number - 1];
    assert.ok(place !== undefined);
    const address = six ? place.address6 : place.address;
    return this.scene.catch(`t${number}`, [], { wrap: place.wrap, port, address });
  }

  get all(): number[] {
    return this.net.targets.map((_, i) => i + 1);
  }

  urls(numbers: readonly number[] = this.all): string[] {
    return numbers.map((number) => `manifold://${this.net.targets[number - 1]?.address}`);
  }

  start(words: readonly string[] = [], targets = this.urls(), report = "report") {
    // On a busy machine it takes a while until all of them are there.
    const all = [`--report=${report}`, "--join-window=30", ...words, "source/"];
    return this.scene.start(all, targets, this.net.master.wrap);
  }

  cast(words: readonly string[] = [], targets = this.urls()): Promise<CastEnd> {
    return this.start(words, targets).ended;
  }

  rows(report = "report"): Row[] {
    return JSON.parse(readFileSync(this.scene.folder.at(report), "utf8")).targets;
  }

  /** They got the stream as datagrams, but for one that a busy machine may have kept from it. */
  assertMulticast(out: string): void {
    const rows = this.rows();
    const got = rows.filter(({ multicastBytes, stream }) => multicastBytes > 0.9 * stream);
    assert.ok(got.length >= rows.length - 1, out);
  }

  /** Every one of them is like the source. */
  assertSame(numbers: readonly number[] = this.all): void {
    const tree = readTree(this.scene.folder.at("source"));
    for (const number of numbers) assertSameTree(tree, this.scene.folder.at(`t${number}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]();
    await this.net[Symbol.asyncDispose]();
  }
}

describe("a cast over a network", { skip: noLab ?? false }, () => {
  it("reaches all targets with one stream in spite of losses", async () => {
    await using lab = await CastLab.open({ targets: 3, rate: "100mbit" }, 3 * million);
    for (const place of lab.net.targets) lab.net.lose(place, 100);
    await lab.catch();
    const before = lab.net.sent;
    const { exit, out } = await lab.cast();
    assert.equal(exit, 0, out);
    lab.assertSame();
    lab.assertMulticast(out);
    for (const [i, { missingRate, datagrams, reason }] of lab.rows().entries()) {
      const missed = Math.round((missingRate * datagrams) / (1 - missingRate));
      const { rules, buffers, queues } = lab.net.lost(i + 1);
      // Not a datagram more than was lost, 64 at once where the master's own buffer was full; those before the first and behind the last
      // one that came are not known of.
      const most = rules + buffers + 64 * queues + 64;
      assert.ok(missed <= most, `${missed} are missing, and ${most} were lost\n${out}`);
      assert.ok(
        reason !== null || (rules > 5 && missed > rules / 2),
        `${missed} of ${rules} are told of\n${out}`,
      );
    }
    // A copy for each one that is let go would be one more. The search for the rate loses up to 0.5 MB, whatever the length.
    assert.ok(lab.net.sent - before < 1.3 * 3 * million, `${lab.net.sent - before} bytes\n${out}`);
  });

  it("goes over connections where a switch sends multicast nowhere, and says why", async () => {
    await using lab = await CastLab.open({ targets: 2, dropsMulticast: true }, 300_000);
    await lab.catch();
    const { exit, out } = await lab.cast();
    assert.equal(exit, 0, out);
    lab.assertSame();
    assert.equal(out.match(/no datagram reaches it/g)?.length, 2, out);
    const probed = await lab.scene.cast(["--probe"], lab.urls(), lab.net.master.wrap);
    assert.match(probed.out, /datagrams reach 0 of 2 targets; the others would be served over/);
  });
});

describe("a cast over a network, at length", { skip: noLab ?? (!isLong && "long") }, () => {
  for (const targets of [1, 5, 20]) {
    it(`reaches ${targets} targets`, async () => {
      await using lab = await CastLab.open({ targets, rate: "100mbit", mtu: 9000 }, 5 * million);
      await lab.catch();
      const before = lab.net.sent;
      const { exit, out } = await lab.cast();
      assert.equal(exit, 0, out);
      lab.assertSame();
      assert.ok(
        lab.net.sent - before < 1.3 * 5 * million,
        `${lab.net.sent - before} bytes\n${out}`,
      );
    });
  }

  it("sends five targets that differ hardly more than one", async () => {
    await using lab = await CastLab.open({ targets: 5, rate: "100mbit" }, 10_000);
    const { folder } = lab.scene;
    const choice = new Choice(9);
    const write = (path: string): void => writeFileSync(folder.at(path), choice.bytes(100_000));
    for (let n = 0; n < 60; n++) write(`source/small/f${n}`);
    for (const n of lab.all) spawnSync("cp", ["-a", folder.at("source"), folder.at(`t${n}`)]);
    for (let n = 0; n < 40; n++) write(`source/small/f${n}`);
    write("t1/small/own");
    unlinkSync(folder.at("t2/small/f50"));
    const half = Array.from({ length: 20 }, (_, n) => folder.at(`source/small/f${n}`));
    spawnSync("cp", ["-a", ...half, folder.at("t3/small")]);
    spawnSync("touch", ["-d", "2001-01-01", folder.at("t4/small/f55")]);
    await lab.catch();
    const sent = async (targets: readonly number[]): Promise<number> => {
      const before = lab.net.sent;
      const { exit, out } = await lab.cast(["--delete"], lab.urls(targets));
      assert.equal(exit, 0, out);
      lab.assertSame(targets);
      return lab.net.sent - before;
    };
    const all = await sent(lab.all);
    spawnSync("rm", ["-r", ...half.map((path) => path.replace("source", "t5"))]);
    for (let n = 20; n < 40; n++) write(`t5/small/f${n}`);
    const one = await sent([5]);
    assert.ok(all < 1.2 * one, `${all} bytes to five, ${one} to one`);
  });

  it("tells which targets multicast reaches, and which lengths", async () => {
    await using lab = await CastLab.open({ targets: 3, rate: "100mbit" }, 1000);
    lab.net.lose(lab.net.targets[2] as LabPlace, 9999);
    await lab.catch();
    const { exit, out } = await lab.scene.cast(["--probe"], lab.urls(), lab.net.master.wrap);
    assert.equal(exit, 0, out);
    assert.equal(out.match(/ come +0\.0 % +\d/g)?.length, 2, out);
    assert.match(out, /1\.3 +none comes +- +- +- /, out);
    assert.match(out, /datagrams reach 2 of 3 targets/, out);
  });

  it("sends long datagrams where everybody's packets are long, and only there", async () => {
    for (const short of [false, true]) {
      await using lab = await CastLab.open({ targets: 2, rate: "100mbit", mtu: 9000 }, million);
      lab.net.cut();
      if (short) lab.net.targets[1]?.run("ip link set eth0 mtu 1500");
      await lab.catch();
      const { exit, out } = await lab.cast();
      assert.equal(exit, 0, out);
      lab.assertSame();
      lab.assertMulticast(out);
      for (const { stream, datagrams } of lab.rows()) {
        assert.equal(stream / datagrams < 1500, short, `${stream} bytes in ${datagrams}`);
      }
    }
  });

  it("does not hold the fast ones up for a slow port", async () => {
    await using lab = await CastLab.open({ targets: 5, rate: "20mbit" }, 6 * million);
    lab.net.shape(5, "1mbit");
    await lab.catch();
    const { exit, out } = await lab.cast();
    assert.equal(exit, 0, out);
    lab.assertSame();
    const [slow, ...fast] = lab.rows().reverse();
    assert.ok(slow !== undefined && slow.reason !== null, out);
    const last = Math.max(...fast.map(({ seconds }) => seconds));
    assert.ok(last < 0.6 * slow.seconds, `${last} of ${slow.seconds} s\n${out}`);
  });

  it("gives a slow port up with --slow=fail, and says so", async () => {
    await using lab = await CastLab.open({ targets: 4, rate: "20mbit" }, 6 * million);
    lab.net.shape(4, "1mbit");
    await lab.catch();
    const { exit, out } = await lab.cast(["--slow=fail"]);
    assert.notEqual(exit, 0, out);
    lab.assertSame([1, 2, 3]);
    const states = lab.rows().map(({ state }) => state);
    assert.deepEqual(states, ["committed", "committed", "committed", "lost"], out);
    assert.match(lab.rows()[3]?.reason ?? "", /slower than the others/, out);
    assert.match(out, /3 of 4 targets have everything/);
  });

  it("leaves a TCP connection on the same line a fair share, and has one itself", async () => {
    await using lab = await CastLab.open({ targets: 2, rate: "20mbit" }, 8 * million);
    await lab.catch();
    await lab.net.flow(1);
    const { child, ended } = lab.start(["--json"]);
    await flows(child, million);
    const before = [1, 2].map((number) => lab.net.received(number));
    await flows(child, 7 * million);
    const [both = 0, cast = 0] = [1, 2].map(
      (number, i) => lab.net.received(number) - (before[i] ?? 0),
    );
    const { exit, out } = await ended;
    assert.equal(exit, 0, out);
    lab.assertSame();
    const share = (both - cast) / both;
    assert.ok(share > 0.25 && share < 0.75, `TCP got ${share} of ${both} bytes\n${out}`);
  });

  it("waits for a slow port with --slow=wait", async () => {
    await using lab = await CastLab.open({ targets: 4, rate: "20mbit" }, 2 * million);
    lab.net.shape(4, "4mbit");
    await lab.catch();
    const { exit, out } = await lab.cast(["--slow=wait"]);
    assert.equal(exit, 0, out);
    lab.assertSame();
    for (const { reason } of lab.rows()) assert.doesNotMatch(reason ?? "", /slower than/);
  });

  it("joins the group again where the switch has forgotten it", async () => {
    await using lab = await CastLab.open({ targets: 2, rate: "20mbit" }, 8 * million);
    await lab.catch();
    const { child, ended } = lab.start(["--json"]);
    await flows(child);
    assert.ok(lab.net.forget(1), "the switch knows who is in the group");
    const { exit, out } = await ended;
    assert.equal(exit, 0, out);
    lab.assertSame();
    assert.equal(lab.rows()[0]?.unicastBytes, 0, out);
    assert.ok((lab.rows()[0]?.missingRate ?? 0) > 0.02, out);
  });

  it("goes on without a stalled one, which gets the rest when it wakes up", async () => {
    await using lab = await CastLab.open({ targets: 4, rate: "20mbit" }, 8 * million);
    await lab.catch();
    const { child, ended } = lab.start(["--json"]);
    await flows(child);
    lab.catchers[3]?.child.kill("SIGSTOP");
    await Promise.all([0, 1, 2].map((at) => lab.catchers[at]?.logged("done")));
    lab.catchers[3]?.child.kill("SIGCONT");
    const { exit, out } = await ended;
    assert.equal(exit, 0, out);
    lab.assertSame();
    assert.match(lab.rows()[3]?.reason ?? "", /said nothing|did not bring/, out);
  });

  it("takes one in again that was killed and started again, and one that comes late", async () => {
    await using lab = await CastLab.open({ targets: 4, rate: "20mbit" }, 8 * million);
    await lab.catch([1, 2, 3]);
    const { child, ended } = lab.start(["--join-window=1", "--json"]);
    await flows(child, 4 * million);
    lab.catchers[2]?.child.kill("SIGKILL");
    await lab.catchers[2]?.ended;
    await lab.catch([3, 4]);
    const { exit, out } = await ended;
    assert.equal(exit, 0, out);
    lab.assertSame();
    // What it had when it was killed it did not get again.
    const [, , back, late] = lab.rows();
    assert.ok(back !== undefined && late !== undefined);
    const all = back.multicastBytes + back.unicastBytes;
    assert.ok(all < back.stream - 2 * million, `${all} of ${back.stream} bytes\n${out}`);
    assert.ok(late.multicastBytes + late.unicastBytes > 0.9 * late.stream, out);
  });

  it("goes on where it was when master and targets were killed", async () => {
    const bytes = 8 * million;
    await using lab = await CastLab.open({ targets: 3, rate: "20mbit" }, bytes);
    await lab.catch();
    const { child, ended } = lab.start(["--json"]);
    await flows(child, 5 * million);
    const dead = [lab.catchers[0], lab.catchers[1]];
    for (const catcher of dead) catcher?.child.kill("SIGKILL");
    child.kill("SIGKILL");
    await Promise.all([ended, ...dead.map((catcher) => catcher?.ended)]);
    await lab.catch([1, 2]);
    const before = lab.net.sent;
    const { exit, out } = await lab.cast();
    assert.equal(exit, 0, out);
    lab.assertSame();
    // All but the blocks that were on their way, and the stretches that these belong to.
    const sent = lab.net.sent - before;
    assert.ok(sent < 0.6 * bytes, `${sent} of ${bytes} bytes\n${out}`);
    for (const { multicastBytes, unicastBytes } of lab.rows()) {
      assert.ok(multicastBytes + unicastBytes < 0.6 * bytes, out);
    }
  });

  it("keeps two casts at once apart", async () => {
    await using lab = await CastLab.open({ targets: 3, rate: "100mbit" }, 5 * million);
    await lab.catch();
    const seconds = await Promise.all(lab.all.map((number) => lab.catchAt(number, false, 8731)));
    const first = lab.start();
    // They land in the same directories, one after the other: whoever is second finds what it would do done.
    const other = lab.start(
      [],
      seconds.map(({ url }) => url),
      "other",
    );
    for (const { exit, out } of await Promise.all([first.ended, other.ended])) {
      assert.ok(exit === 0 || /conflict|changed/.test(out), out);
    }
    lab.assertSame();
    const digests = [...lab.rows(), ...lab.rows("other")].map(({ stream }) => stream);
    assert.equal(new Set(digests).size, 1);
  });

  it("sends to members that know their sender, at a rate that is given", async () => {
    await using lab = await CastLab.open({ targets: 2, rate: "100mbit" }, 2 * million);
    await lab.catch();
    const words = ["--ssm", "--congestion=fixed", "--rate-max=4M", "--mcast-interface=eth0"];
    const { exit, out } = await lab.cast(words);
    assert.equal(exit, 0, out);
    lab.assertSame();
    lab.assertMulticast(out);
  });

  it("reaches targets behind a router with --mcast-ttl=2, and serves them over connections without", async () => {
    await using lab = await CastLab.open({ targets: 3, rate: "100mbit" }, million);
    const far = await lab.net.route(3, 2, "239.77.0.1");
    const { url } = await lab.scene.catch("t3", [], { wrap: far.wrap, address: far.address });
    await lab.catch([1]);
    const targets = [...lab.urls([1]), url];
    const words = ["--mcast-group=239.77.0.1"];
    for (const reaches of [false, true]) {
      if (reaches) writeFileSync(lab.scene.folder.at("source/more"), new Choice(4).bytes(million));
      const hops = reaches ? ["--mcast-ttl=2"] : [];
      const { exit, out } = await lab.cast([...words, ...hops], targets);
      assert.equal(exit, 0, out);
      lab.assertSame([1, 3]);
      const [, behind] = lab.rows();
      assert.ok(behind !== undefined);
      assert.equal(behind.multicastBytes > 0.9 * behind.stream, reaches, out);
      assert.equal(/no datagram reaches it/.test(behind.reason ?? ""), !reaches, out);
    }
  });

  it("speaks IPv6, to members that know their sender", async () => {
    await using lab = await CastLab.open({ targets: 3, rate: "100mbit" }, 3 * million);
    await lab.catch(lab.all, true);
    const targets = lab.net.targets.map(({ address6 }) => `manifold://[${address6}]`);
    const { exit, out } = await lab.cast(["-6", "--mcast-interface=eth0", "--ssm"], targets);
    assert.equal(exit, 0, out);
    lab.assertSame();
    lab.assertMulticast(out);
  });
});

/** Resolves when a cast with --json says that so many bytes of the content went out. */
function flows({ stdout }: ChildProcess, bytes = 1): Promise<void> {
  return new Promise((resolve) => {
    stdout?.on("data", (text: string) => {
      for (const [, done] of text.matchAll(/"bytes":\{"done":(\d+)/g)) {
        if (Number(done) >= bytes) resolve();
      }
    });
  });
}
