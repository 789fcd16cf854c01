// Cases in which one end is rsync's own: our client and rsync's pull from a stock daemon, and rsync's client pulls from our daemon and
// from its own. Daemons are programs that the client connects to ($RSYNC_CONNECT_PROG), over a socket that stays on this machine.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Case, must, type TreeGround } from "./case.ts";
import { type Contender, type Figures, measure } from "./measure.ts";

interface ProtocolGround extends TreeGround {
  readonly million: () => string;
}

/** Who is compared: our client with rsync's, or our daemon with rsync's. */
type Compared = "client" | "daemon";

interface Pull {
  readonly flags: readonly string[];
  readonly source: string;
  /** What targets are at first; undefined = there is nothing. */
  readonly before?: string | undefined;
}

/** Returns the cases. */
export function protocolCases(ground: ProtocolGround): Case[] {
  const { kernels, million } = ground;
  const kinds = [
    ["first", "first", () => ({ flags: [], source: kernels().newTree })],
    ["same", "nothing changed", () => same(kernels().newTree)],
    ["update", "old -> new with --delete", () => updated(kernels())],
  ] as const;
  const whole = (compared: Compared, goals: readonly number[], title: string): Case[] =>
    kinds.map(([name, how, pull], i) => ({
      name: `rsync-${compared}-${name}`,
      title: `${title}, kernel tree, ${how}`,
      goal: goals[i],
      run: () => run(ground, compared, pull()),
    }));
  return [
    ...whole("client", [1, 0.8, 1], "pull from a stock daemon"),
    ...whole("daemon", [0.9, 0.9, 0.9], "rsync's client, our daemon against its own"),
    {
      name: "rsync-million",
      title: "pull from a stock daemon, 1,000,000 empty files, first",
      goal: undefined,
      run: () => run({ ...ground, rounds: 1 }, "client", { flags: [], source: million() }),
      note: (figures) => `our peak memory is ${peakMegabytes(figures)} MB, the goal is 250`,
    },
  ];
}

function same(source: string): Pull {
  return { flags: [], source, before: source };
}

function updated({ oldTree, newTree }: ReturnType<ProtocolGround["kernels"]>): Pull {
  return { flags: ["--delete"], source: newTree, before: oldTree };
}

function run(ground: ProtocolGround, compared: Compared, pull: Pull): Figures[] {
  const { rounds, targetOf, removeTargets } = ground;
  const { before, source } = pull;
  return measure(pulling(ground, compared, pull), rounds, ({ name }) => {
    removeTargets();
    if (before === source) must(["rsync", "-a", `${before}/`, `${targetOf(name)}/`]);
    else if (before !== undefined) must(["cp", "-a", before, targetOf(name)]);
  });
}

function pulling(
  { manifold, work, targetOf }: ProtocolGround,
  compared: Compared,
  { flags, source }: Pull,
): Contender[] {
  const config = join(work, "rsyncd.conf");
  writeFileSync(
    config,
    `use chroot = no\nmunge symlinks = no\n${rootIds()}[m]\npath = ${source}\n`,
  );
  return ["manifold", "rsync"].map((name) => {
    const isOurs = name === "manifold";
    const daemon = isOurs && compared === "daemon" ? `${manifold}-rsync` : "rsync";
    const client = isOurs && compared === "client" ? [manifold, "sync"] : ["rsync", "-a"];
    const connected = `RSYNC_CONNECT_PROG=${daemon} --daemon --config=${config}`;
    const ends = ["rsync://host/m/", `${targetOf(name)}/`];
    return { name, argv: ["env", connected, ...client, ...flags, ...ends] };
  });
}

/** A daemon that root starts reads as nobody unless it is told otherwise. */
function rootIds(): string {
  return process.geteuid?.() === 0 ? "uid = 0\ngid = 0\n" : "";
}

function peakMegabytes(figures: readonly Figures[]): number {
  const ours = figures.find(({ name }) => name === "manifold");
  return Math.round((ours?.peakKilobytes ?? Number.NaN) / 1024);
}
