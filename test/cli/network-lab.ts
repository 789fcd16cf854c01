// A network of its own for a test: a switch, a master and targets, each in a network namespace that is gone
// when the test is. Nothing of the machine's own network is touched: namespaces have no names, and are held by
// processes that end with this one.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Wrap } from "./catch-scene.ts";

/** What it is like. */
export interface LabTraits {
  readonly targets: number;
  /** As tc has it; of every port, both ways. Undefined = as fast as it goes. */
  readonly rate?: string;
  readonly mtu?: number;
  /** The switch sends multicast nowhere. */
  readonly dropsMulticast?: boolean;
}

/** A place in it. */
export interface LabPlace {
  readonly address: string;
  readonly address6: string;
  /** Has a program run there. */
  readonly wrap: Wrap;
  /** Runs a shell script there, as the user that the test is. Throws if it fails. */
  run(script: string): string;
}

/** Why there can be none here; undefined = there can. */
export const noLab = whyNot();

function whyNot(): string | undefined {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.geteuid?.() !== 0) return "network namespaces need the super-user";
  for (const [name, how] of [
    ["ip", "-V"],
    ["tc", "-V"],
    ["nft", "-v"],
    ["nsenter", "-V"],
    ["bridge", "-V"],
    ["unshare", "-V"],
  ] as const) {
    if (spawnSync(name, [how]).error !== undefined) return `there is no ${name} in PATH`;
  }
  const tried = spawnSync("unshare", ["-n", "ip", "link", "add", "br0", "type", "bridge"]);
  return tried.status === 0 ? undefined : "this kernel makes no bridges in network namespaces";
}

/** A namespace, by the process that holds it: it ends when its standard input does. */
class Namespace {
  readonly holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.holder = holder;
  }

  static async open(): Promise<Namespace> {
    const holder = spawn("unshare", ["-n", "sh", "-c", "echo; exec cat"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    assert.ok(holder.stdout !== null);
    await once(holder.stdout, "data");
    return new Namespace(holder);
  }

  get pid(): number {
    return this.holder.pid ?? 0;
  }

  readonly wrap: Wrap = (argv) => ["nsenter", "-t", String(this.pid), "-n", "--", ...argv];

  run(script: string): string {
    const [first = "", ...rest] = this.wrap(["sh", "-ec", script]);
    const ran = spawnSync(first, rest, { encoding: "utf8" });
    assert.equal(ran.status, 0, `${script}\n${ran.stderr}`);
    return ran.stdout;
  }

  async close(): Promise<void> {
    const ended = once(this.holder, "exit");
    this.holder.stdin?.end();
    await ended;
  }
}

/** Such a network. */
export class NetworkLab {
  readonly master: LabPlace;
  readonly targets: readonly LabPlace[];
  readonly #spaces: readonly Namespace[];
  readonly #switch: Namespace;
  /** Programs that run in its places, and end with their standard input. */
  readonly #helpers: ChildProcess[] = [];

  private constructor([hub, master, ...targets]: readonly Namespace[], traits: LabTraits) {
    assert.ok(hub !== undefined && master !== undefined);
    this.#spaces = [hub, master, ...targets];
    this.#switch = hub;
    hub.run(
      [
        "ip link set lo up",
        // A querier, as real networks have one: without it a switch that listens to memberships floods.
        "ip link add br0 type bridge mcast_snooping 1 mcast_querier 1 mcast_query_interval 1000",
        ...(traits.mtu === undefined ? [] : [`ip link set br0 mtu ${traits.mtu}`]),
        "ip link set br0 up",
        "ip addr add 10.77.255.1/16 dev br0",
        "for f in /proc/sys/net/bridge/bridge-nf-call-*; do echo 0 > $f || :; done 2>/dev/null",
      ].join("\n"),
    );
    this.master = this.#plug(master, 0, traits);
    this.targets = targets.map((space, i) => this.#plug(space, i + 1, traits));
    if (traits.dropsMulticast === true) {
      const chain =
        "type filter hook forward priority 0; policy accept;\nip daddr 239.0.0.0/8 drop";
      hub.run(`nft -f - <<'RULES'\ntable bridge lab {\nchain drops {\n${chain}\n}\n}\nRULES`);
    }
  }

  static async open(traits: LabTraits): Promise<NetworkLab> {
    const spaces = await Promise.all(
      Array.from({ length: traits.targets + 2 }, () => Namespace.open()),
    );
    try {
      return new NetworkLab(spaces, traits);
    } catch (error) {
      // Their holders would keep the test's process alive.
      await Promise.all(spaces.map((space) => space.close()));
      throw error;
    }
  }

  /** Joins a namespace with the switch; 0 = the master's. */
  #plug(space: Namespace, number: number, { rate, mtu }: LabTraits): LabPlace {
    const port = `p${number}`;
    const address = number === 0 ? "10.77.0.1" : `10.77.1.${number}`;
    const address6 = number === 0 ? "fd77::1" : `fd77::1:${number}`;
    const shape = (dev: string) =>
      rate === undefined
        ? []
        : [`tc qdisc replace dev ${dev} root tbf rate ${rate} burst 256k latency 20ms`];
    const size = (dev: string) => (mtu === undefined ? [] : [`ip link set ${dev} mtu ${mtu}`]);
    this.#switch.run(
      [
        `ip link add ${port} type veth peer name eth0 netns ${space.pid}`,
        ...size(port),
        `ip link set ${port} master br0 up`,
        ...shape(port),
      ].join("\n"),
    );
    space.run(
      [
        "ip link set lo up",
        ...size("eth0"),
        "ip link set eth0 up",
        `ip addr add ${address}/16 brd + dev eth0`,
        `ip addr add ${address6}/64 dev eth0 nodad`,
        "ip route add 224.0.0.0/4 dev eth0",
        "ip -6 route add ff00::/8 dev eth0 table local",
        ...shape("eth0"),
      ].join("\n"),
    );
    return { address, address6, wrap: space.wrap, run: (script) => space.run(script) };
  }

  /** From here on a port of the switch is that fast; 0 = the master's. */
  shape(number: number, rate: string): void {
    this.#switch.run(
      `tc qdisc replace dev p${number} root tbf rate ${rate} burst 32k latency 20ms`,
    );
  }

  /** What the master hands to the kernel as one is cut into packets, as by a network card; it would go to the targets as one. */
  cut(): void {
    this.master.run("ip link set dev eth0 gso_max_segs 1");
  }

  /** Loses datagrams on their way into a place: so many of ten thousand, each by itself. */
  lose(place: LabPlace, perTenThousand: number): void {
    this.cut();
    const family = ["ip daddr 224.0.0.0/4", "ip6 daddr ff00::/8"];
    const rules = family.map(
      (to) => `${to} meta length > 200 numgen random mod 10000 < ${perTenThousand} counter drop`,
    );
    const chain = `chain in {\ntype filter hook ingress device "eth0" priority 0; policy accept;\n${rules.join("\n")}\n}`;
    place.run(`nft -f - <<'RULES'\ntable netdev loss {\n${chain}\n}\nRULES`);
  }

  /** From here on a target is behind another one, which routes to it; returns its place there. Datagrams of the master go on to `group`. */
  async route(behind: number, by: number, group: string): Promise<LabPlace> {
    const [space, router] = [this.#spaces[behind + 1], this.targets[by - 1]];
    assert.ok(space !== undefined && router !== undefined);
    const [near, address] = ["10.78.0.1", "10.78.0.2"];
    router.run(
      [
        `ip link add eth1 type veth peer name eth1 netns ${space.pid}`,
        `ip addr add ${near}/24 dev eth1`,
        "ip link set eth1 up",
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
      ].join("\n"),
    );
    space.run(
      [
        "ip link del eth0",
        `ip addr add ${address}/24 dev eth1`,
        "ip link set eth1 up",
        `ip route add default via ${near}`,
        "ip route add 224.0.0.0/4 dev eth1",
      ].join("\n"),
    );
    this.master.run(`ip route add 10.78.0.0/24 via ${router.address}`);
    // A switch sends everything to a port with a router, and knows it by what such a router says, which ours does not.
    this.#switch.run(`bridge link set dev p${by} mcast_router 2`);
    const script = join(import.meta.dirname, "../support/multicast-router.py");
    const { master } = this;
    await this.#help(router, [script, "eth0", "eth1", master.address, group]);
    return { address, address6: "", wrap: space.wrap, run: (script) => space.run(script) };
  }

  /** Has a script of Python's run in a place until the end; resolves when it is ready. */
  async #help(place: LabPlace, words: readonly string[]): Promise<void> {
    const [first = "", ...rest] = place.wrap(["python3", ...words]);
    const helper = spawn(first, rest, { stdio: ["pipe", "pipe", "inherit"] });
    this.#helpers.push(helper);
    assert.ok(helper.stdout !== null);
    await once(helper.stdout, "data");
  }

  /** From here on a TCP connection has the master send to a target as much as goes. */
  async flow(number: number): Promise<void> {
    const place = this.targets[number - 1];
    assert.ok(place !== undefined);
    const script = join(import.meta.dirname, "../support/tcp-flow.py");
    await this.#help(place, [script, "sink", "5001"]);
    await this.#help(this.master, [script, "source", place.address, "5001"]);
  }

  /** Bytes that have come to a target. */
  received(number: number): number {
    const [link] = JSON.parse(this.targets[number - 1]?.run("ip -s -j link show eth0") ?? "[]");
    return link.stats64.rx.bytes;
  }

  /**
   * What did not get to a target's sockets: datagrams lost by lose(), and in full buffers; and what queues on the way there have dropped, each of
   * up to 64 datagrams, as the kernel cuts them up behind its queues.
   */
  lost(number: number): {
    readonly rules: number;
    readonly buffers: number;
    readonly queues: number;
  } {
    const place = this.targets[number - 1];
    assert.ok(place !== undefined);
    const rules = place.run("nft -j list ruleset").matchAll(/"counter": \{"packets": (\d+)/g);
    const drops = (json: string): number =>
      JSON.parse(json).reduce((sum: number, { drops: each }: { drops: number }) => sum + each, 0);
    const ways = [
      this.master.run("tc -s -j qdisc show dev eth0"),
      this.#switch.run(`tc -s -j qdisc show dev p${number}`),
    ];
    const [, , , , errors] =
      /^Udp: (\d.*)$/m.exec(place.run("cat /proc/net/snmp"))?.[1]?.split(" ") ?? [];
    return {
      rules: [...rules].reduce((sum, [, packets]) => sum + Number(packets), 0),
      buffers: Number(errors ?? 0),
      queues: ways.reduce((sum, json) => sum + drops(json), 0),
    };
  }

  /** The switch forgets that a place is in a group, if it knows of one; says whether it did. */
  forget(number: number): boolean {
    const known = this.#switch.run("bridge mdb show dev br0");
    const group = new RegExp(`port p${number} grp (239\\S+)`).exec(known)?.[1];
    if (group === undefined) return false;
    this.#switch.run(`bridge mdb del dev br0 port p${number} grp ${group}`);
    return true;
  }

  /** Bytes that the master has sent. */
  get sent(): number {
    const [link] = JSON.parse(this.master.run("ip -s -j link show eth0"));
    return link.stats64.tx.bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const helper of this.#helpers) helper.stdin?.end();
    await Promise.all(this.#spaces.map((space) => space.close()));
  }
}
