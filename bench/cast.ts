// `npm run bench:cast [CASE...] [WAY...]`: one file to many targets over networks of their own (test/cli/network-lab.ts), by
// manifold cast to catchers that run, and by uftp, udpcast and one rsync for each target where they are
// installed. Prints a table and keeps it in bench/results/. Needs root.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CatchScene } from "../test/cli/catch-scene.ts";
import { type LabPlace, NetworkLab, noLab } from "../test/cli/network-lab.ts";

interface Case {
  readonly name: string;
  readonly targets: number;
  readonly megabytes: number;
  readonly rate: string;
  readonly mtu?: number;
  /** Datagrams lost at each target, of ten thousand. */
  readonly loss?: number;
  /** The rate of the last target's port. */
  readonly slow?: string;
  /** The last target stands still for so long in the middle of it; casts only. */
  readonly stallMs?: number;
}

const cases: readonly Case[] = [
  { name: "few", targets: 5, megabytes: 100, rate: "1gbit" },
  { name: "many", targets: 20, megabytes: 40, rate: "200mbit", mtu: 9000 },
  { name: "loss0", targets: 5, megabytes: 40, rate: "100mbit" },
  { name: "loss01", targets: 5, megabytes: 40, rate: "100mbit", loss: 10 },
  { name: "loss1", targets: 5, megabytes: 40, rate: "100mbit", loss: 100 },
  { name: "loss3", targets: 5, megabytes: 40, rate: "100mbit", loss: 300 },
  { name: "even", targets: 5, megabytes: 400, rate: "100mbit" },
  { name: "slow", targets: 5, megabytes: 400, rate: "100mbit", slow: "20mbit" },
  { name: "stall", targets: 5, megabytes: 400, rate: "100mbit", stallMs: 10_000 },
];

/** What runs longer is killed: 400 MB at 20 Mbit/s take 160 s. */
const limitMs = 600_000;

interface Outcome {
  readonly seconds: number;
  /** Of all but the last target, where that is known. */
  readonly fastSeconds: number | undefined;
  /** Processor time of the master, and of a target on average. */
  readonly cpu?: readonly [number, number];
  /** Why targets were let go by the others. */
  readonly reasons?: readonly string[];
  readonly complete: number;
  readonly sentBytes: number;
}

type Way = (
  net: NetworkLab,
  scene: CatchScene,
  names: readonly string[],
  stallMs?: number,
) => Promise<Outcome>;

/** Runs `work` and returns its seconds and what the master sent meanwhile. */
async function timed(net: NetworkLab, work: () => Promise<unknown>) {
  const before = net.sent;
  const began = performance.now();
  await work();
  return { seconds: (performance.now() - began) / 1000, sentBytes: net.sent - before };
}

function completeOf(scene: CatchScene, names: readonly string[]): number {
  const wanted = readFileSync(scene.folder.at("source/file"));
  return names.filter((name) => {
    try {
      return Buffer.compare(readFileSync(scene.folder.at(`${name}/file`)), wanted) === 0;
    } catch {
      return false; // It has none.
    }
  }).length;
}

function start(place: LabPlace, argv: readonly string[]): ChildProcess {
  const [first = "", ...rest] = place.wrap(argv);
  return spawn(first, rest, { stdio: "ignore", timeout: limitMs, killSignal: "SIGKILL" });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Seconds of processor time: of a process, and of its children that have ended. */
function processorTime(pid: number | "self"): readonly [number, number] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Fields 14 to 17 of proc(5), in ticks of 10 ms.
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11).map(Number);
  return [(user + system) / 100, (childrenUser + childrenSystem) / 100];
}

/** Stops a process for a while once the cast says that content goes out. */
function stallOnce(cast: ChildProcess, child: ChildProcess | undefined, stallMs: number): void {
  let isStopped = false;
  cast.stdout?.on("data", (text: string) => {
    if (isStopped || !/"bytes":\{"done":[1-9]\d{7}/.test(text)) return;
    isStopped = true;
    child?.kill("SIGSTOP");
    setTimeout(() => child?.kill("SIGCONT"), stallMs);
  });
}

const byCast: Way = async (net, scene, names, stallMs) => {
  const catchers = await Promise.all(
    net.targets.map(({ wrap, address }, i) =>
      scene.catch(names[i] ?? "", [], { wrap, address, port: 8730 }),
    ),
  );
  const words = ["--report=report", "--join-window=60", "--json", "source/"];
  const urls = catchers.map(({ url }) => url);
  const timesOf = (): number[] => catchers.map(({ child }) => processorTime(child.pid ?? 0)[0]);
  const before = { master: processorTime("self")[1], targets: timesOf() };
  const figures = await timed(net, async () => {
    const { child, ended: end } = scene.start(words, urls, net.master.wrap);
    if (stallMs !== undefined) stallOnce(child, catchers.at(-1)?.child, stallMs);
    const { exit, out } = await end;
    assert.equal(exit, 0, out);
  });
  const spent = timesOf().reduce((sum, time, i) => sum + time - (before.targets[i] ?? 0), 0);
  const cpu = [processorTime("self")[1] - before.master, spent / catchers.length] as const;
  const report = JSON.parse(readFileSync(scene.folder.at("report"), "utf8"));
  const each: number[] = report.targets.map(({ seconds }: { seconds: number }) => seconds);
  for (const { child } of catchers) child.kill("SIGKILL");
  const fastSeconds = Math.max(...each.slice(0, -1));
  const reasons = report.targets.flatMap(({ reason }: { reason: string | null }) => reason ?? []);
  return { ...figures, fastSeconds, cpu, reasons, complete: completeOf(scene, names) };
};

const byRsync: Way = async (net, scene, names) => {
  const source = scene.folder.at("source/file");
  const daemons = net.targets.map((place, i) => {
    const path = scene.folder.at(names[i] ?? "");
    const text = `use chroot=no\nuid=0\ngid=0\n[d]\npath=${path}\nread only=no\n`;
    writeFileSync(`${path}.conf`, text);
    return start(place, [
      "rsync",
      "--daemon",
      "--no-detach",
      `--config=${path}.conf`,
      "--port=8731",
    ]);
  });
  await listening(net, 8731);
  const figures = await timed(net, () =>
    Promise.all(
      net.targets.map(({ address }) =>
        ended(start(net.master, ["rsync", "-aW", source, `rsync://${address}:8731/d/`])),
      ),
    ),
  );
  for (const daemon of daemons) daemon.kill("SIGKILL");
  return { ...figures, fastSeconds: undefined, complete: completeOf(scene, names) };
};

const byUftp: Way = async (net, scene, names) => {
  const daemons = net.targets.map((place, i) =>
    start(place, [
      "uftpd",
      "-d",
      "-q",
      "-I",
      "eth0",
      "-B",
      "4194304",
      "-D",
      scene.folder.at(names[i] ?? ""),
    ]),
  );
  await bound(net, 1044);
  const words = ["-I", "eth0", "-B", "4194304", "-r", "0.1:0.01:5", "-C", "tfmcc"];
  const figures = await timed(net, () =>
    ended(start(net.master, ["uftp", ...words, scene.folder.at("source/file")])),
  );
  for (const daemon of daemons) daemon.kill("SIGKILL");
  return { ...figures, fastSeconds: undefined, complete: completeOf(scene, names) };
};

const byUdpcast: Way = async (net, scene, names) => {
  const quiet = ["--interface", "eth0", "--nokbd", "--no-progress"];
  const receivers = net.targets.map((place, i) => {
    const file = scene.folder.at(`${names[i]}/file`);
    const patience = ["--start-timeout", "30", "--receive-timeout", "30"];
    return start(place, ["udp-receiver", ...quiet, ...patience, "--file", file]);
  });
  await bound(net, 9000);
  const many = ["--min-receivers", String(names.length), "--max-wait", "5"];
  const figures = await timed(net, async () => {
    await ended(
      start(net.master, [
        "udp-sender",
        ...quiet,
        ...many,
        "--file",
        scene.folder.at("source/file"),
      ]),
    );
    await Promise.all(receivers.map(ended));
  });
  return { ...figures, fastSeconds: undefined, complete: completeOf(scene, names) };
};

/** Waits until something listens at a TCP port in every target's place. */
async function listening(net: NetworkLab, port: number): Promise<void> {
  await until(() => net.targets.every(({ run }) => run("ss -Hltn").includes(`:${port} `)));
}

/** The same for UDP. */
async function bound(net: NetworkLab, port: number): Promise<void> {
  await until(() => net.targets.every(({ run }) => run("ss -Hlun").includes(`:${port} `)));
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !isSo(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const ways: readonly {
  readonly key: string;
  readonly name: string;
  readonly needs: string;
  readonly run: Way;
}[] = [
  { key: "cast", name: "manifold cast", needs: "node", run: byCast },
  { key: "uftp", name: "uftp tfmcc", needs: "uftpd", run: byUftp },
  { key: "udpcast", name: "udpcast", needs: "udp-sender", run: byUdpcast },
  { key: "rsync", name: "rsync, one for each", needs: "rsync", run: byRsync },
];

async function measure(scenario: Case, way: Way): Promise<Outcome> {
  const { targets, megabytes, rate, mtu, loss, slow, stallMs } = scenario;
  await using net = await NetworkLab.open({ targets, rate, ...(mtu !== undefined && { mtu }) });
  await using scene = new CatchScene({ limitMs });
  mkdirSync(scene.folder.at("source"));
  writeFileSync(scene.folder.at("source/file"), randomBytes(megabytes * 1e6));
  const names = net.targets.map((_, i) => `t${i + 1}`);
  for (const name of names) mkdirSync(scene.folder.at(name));
  if (loss !== undefined) for (const place of net.targets) net.lose(place, loss);
  if (slow !== undefined) net.shape(targets, slow);
  // Awaited here: both are gone when this function ends.
  const outcome = await way(net, scene, names, stallMs);
  return outcome;
}

function lineOf(scenario: Case, name: string, outcome: Outcome): string {
  const { targets, megabytes, rate, mtu = 1500, loss = 0, slow, stallMs = 0 } = scenario;
  const { seconds, fastSeconds, cpu, reasons = [], complete, sentBytes } = outcome;
  const title = `${megabytes} MB to ${targets}, ${rate}, MTU ${mtu}${loss === 0 ? "" : `, ${loss / 100} % lost`}${slow === undefined ? "" : `, one port ${slow}`}${stallMs === 0 ? "" : `, one stopped for ${stallMs / 1000} s`}`;
  const goodput = (megabytes * 8) / seconds;
  const overhead = 100 * (sentBytes / (megabytes * 1e6) - 1);
  const fast = fastSeconds === undefined ? "" : fastSeconds.toFixed(2);
  const spent = cpu === undefined ? "" : cpu.map((each) => each.toFixed(2)).join(" / ");
  return `| ${title} | ${name} | ${seconds.toFixed(2)} | ${fast} | ${spent} | ${goodput.toFixed(0)} | ${overhead.toFixed(1)} % | ${complete} of ${targets} | ${reasons.join(", ")} |`;
}

async function main(names: readonly string[]): Promise<void> {
  if (noLab !== undefined) throw new Error(`Cannot measure: ${noLab}`);
  const load = readFileSync("/proc/loadavg", "utf8").split(" ")[0];
  const lines = [
    `One file to many targets. Load of the machine before: ${load}; figures of a busy one say little.`,
    "",
    "| case | by | seconds | all but the last target | processor, master / a target | Mbit/s | sent besides | complete | let go |",
    "|---|---|--:|--:|--:|--:|--:|---|---|",
  ];
  const asked = <Each>(all: readonly Each[], word: (each: Each) => string): readonly Each[] => {
    const named = all.filter((each) => names.includes(word(each)));
    return named.length > 0 ? named : all;
  };
  for (const scenario of asked(cases, ({ name }) => name)) {
    for (const { name, needs, run } of asked(ways, ({ key }) => key)) {
      if (scenario.stallMs !== undefined && run !== byCast) continue;
      if (spawnSync(needs, ["--version"]).error !== undefined) continue;
      lines.push(lineOf(scenario, name, await measure(scenario, run)));
      console.log(lines.at(-1));
    }
  }
  const stamp = new Date().toISOString().slice(0, 16).replace(/[T:]/g, "-");
  const file = join(import.meta.dirname, "results", `cast-${stamp}.md`);
  writeFileSync(file, `# Casts\n\n${lines.join("\n")}\n`);
}

await main(process.argv.slice(2));
