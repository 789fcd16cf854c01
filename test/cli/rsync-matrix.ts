// The matrix of interoperation: our end in each of its two roles, by each of the ways to an rsync, with sets of options, at every
// protocol that is spoken; each held against the same run between two ends of rsync.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import {
  assertSameTree,
  readTree,
  sampled,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { rsyncPlace } from "./rsync-daemon.ts";
import { linesOf } from "./rsync-scene.ts";

const ours = join(import.meta.dirname, "..", "..", "manifold-rsync");

const ways = ["connected program", "remote shell", "daemon by remote shell"] as const;
const protocols = [30, 31, 32] as const;
const optionSets = [
  "-ai",
  "-aiz --delete --exclude=a*",
  "-aHAXi --delete-during",
  "-aciI --inplace --no-whole-file",
  "-ani --delete-after",
  "-aim --append --numeric-ids",
] as const;

/** Who is ours in a run. */
type Ours = "client" | "server" | "nobody";

interface Case {
  readonly direction: "pull" | "push";
  readonly way: (typeof ways)[number];
  readonly options: string;
  readonly protocol: number;
}

/** Makes "src", and "before", what targets are at first. */
function makeTrees(at: (name: string) => string): void {
  mkdirSync(at("src"));
  writeTree(at("src"), varietyTree(7));
  // What its daemon does to the targets of links is its own business: it mends those of others, and ours leaves them alone.
  spawnSync("find", [at("src"), "-type", "l", "-delete"]);
  mkdirSync(at("src/more/empty"), { recursive: true });
  symlinkSync("small", at("src/more/link"));
  writeFileSync(at("src/more/grown"), "grown, ".repeat(3000));
  writeFileSync(at("src/more/small"), "small");
  spawnSync("find", [at("src"), "-exec", "touch", "-hd", "2001-02-03 04:05:06", "{}", "+"]);
  spawnSync("cp", ["-a", at("src"), at("before")]);
  truncateSync(at("before/more/grown"), 10_000);
  rmSync(at("before/more/link"));
  utimesSync(at("before/more/small"), 1, 1);
  writeFileSync(at("before/more/empty/extra"), "");
  spawnSync("touch", ["-d", "2001-02-03 04:05:06", at("before/more/empty"), at("before/more")]);
}

/** Runs a case, with our end in its role or with rsync in both, and returns how it ended. */
function run(
  { direction, way, options, protocol }: Case,
  who: Ours,
  folder: string,
): { readonly exit: number | null; readonly stdout: string; readonly stderr: string } {
  const at = (name: string): string => join(folder, name);
  spawnSync("cp", ["-a", at("before"), at("to")]);
  const { shell } = rsyncPlace(folder, folder, "munge symlinks = no\n", true);
  const client = who === "client" ? ours : "rsync";
  const server = who === "server" ? ours : "rsync";
  const daemon = `${server} --config=${at("rsyncd.conf")}`;
  const places = {
    "connected program": "rsync://host/m",
    "remote shell": `host:${folder}`,
    "daemon by remote shell": "host::m",
  };
  const place = places[way];
  const started = way === "remote shell" ? server : daemon;
  const argv = [
    ...options.split(" "),
    ...(client === ours ? ["--protocol=rsync"] : []),
    `--protocol=${protocol}`,
    ...(way === "connected program" ? [] : [`--rsh=${shell}`, `--rsync-path=${started}`]),
    ...(direction === "pull" ? [`${place}/src/`, "to/"] : ["src/", `${place}/to/`]),
  ];
  const env = { ...process.env, RSYNC_CONNECT_PROG: `${daemon} --daemon` };
  const ran = spawnSync(client, argv, { cwd: folder, env, encoding: "latin1", timeout: 60_000 });
  spawnSync("mv", [at("to"), at(who)]);
  return { exit: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

/** Tests one direction. */
export function testMatrix(direction: Case["direction"]): void {
  const cases = optionSets.flatMap((options) =>
    protocols.flatMap((protocol) => ways.map((way) => ({ direction, way, options, protocol }))),
  );
  for (const one of sampled(cases, 47, direction === "pull" ? 0 : 13)) {
    it(`${direction} by a ${one.way}, ${one.options}, protocol ${one.protocol}`, async () => {
      await using folder = temporaryFolder();
      makeTrees((name) => join(folder.path, name));
      const wanted = run(one, "nobody", folder.path);
      for (const who of ["client", "server"] as const) {
        const found = run(one, who, folder.path);
        const told = [who, found.exit, found.stderr];
        assert.deepEqual(told, [who, wanted.exit, wanted.stderr]);
        assert.deepEqual(linesOf(found.stdout, one.options), linesOf(wanted.stdout, one.options));
        assertSameTree(readTree(join(folder.path, "nobody")), join(folder.path, who));
      }
    });
  }
}
