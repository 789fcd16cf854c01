// The matrix of interoperation: our end in each of the four roles, by each of the ways to an rsync, with sets of options, at every
// protocol that is spoken; each held against the same run between two ends of rsync.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
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

const roles = ["client pulls", "client pushes", "server sends", "server receives"] as const;
const ways = ["connected program", "remote shell", "daemon by remote shell"] as const;
const protocols = [30, 31, 32] as const;
const optionSets = [
  "-ai",
  "-aiz --delete",
  "-aHAXi --delete-during",
  "-aci --no-whole-file",
  "-aiI --inplace --no-whole-file",
  "-ani --delete-after",
  "-aim --delete --exclude=a*",
  "-ai --append",
  "-ai --numeric-ids --size-only",
  "-aiu --backup --suffix=.old",
] as const;

interface Case {
  readonly role: (typeof roles)[number];
  readonly way: (typeof ways)[number];
  readonly options: string;
  readonly protocol: number;
}

/** All of it, in an order by which every part of the run without full counts meets each of the four dimensions. */
const cases: readonly Case[] = optionSets.flatMap((options) =>
  protocols.flatMap((protocol) =>
    ways.flatMap((way) => roles.map((role) => ({ role, way, options, protocol }))),
  ),
);

/** Makes "src", and "before", what targets are at first. */
function makeTrees(at: (name: string) => string): void {
  mkdirSync(at("src"));
  writeTree(at("src"), varietyTree(7));
  mkdirSync(at("src/more/empty"), { recursive: true });
  writeFileSync(at("src/more/grown"), "grown, ".repeat(3000));
  writeFileSync(at("src/more/small"), "small");
  spawnSync("find", [at("src"), "-exec", "touch", "-hd", "2001-02-03 04:05:06", "{}", "+"]);
  spawnSync("cp", ["-a", at("src"), at("before")]);
  truncateSync(at("before/more/grown"), 10_000);
  utimesSync(at("before/more/small"), 1, 1);
  writeFileSync(at("before/more/empty/extra"), "");
  spawnSync("touch", ["-d", "2001-02-03 04:05:06", at("before/more/empty"), at("before/more")]);
}

/** Runs a case, with our end in its role or with rsync in both, and returns how it ended. */
function run(
  { role, way, options, protocol }: Case,
  who: "ours" | "rsync",
  folder: string,
): { readonly exit: number | null; readonly stdout: string; readonly stderr: string } {
  const at = (name: string): string => join(folder, name);
  spawnSync("cp", ["-a", at("before"), at(who)]);
  const { shell } = rsyncPlace(folder, folder, "", true);
  const isClient = role.startsWith("client");
  const client = isClient && who === "ours" ? ours : "rsync";
  const server = !isClient && who === "ours" ? ours : "rsync";
  const daemon = `${server} --config=${at("rsyncd.conf")}`;
  const place =
    way === "connected program"
      ? "rsync://host/m"
      : way === "remote shell"
        ? `host:${folder}`
        : "host::m";
  const isPull = role === "client pulls" || role === "server sends";
  const argv = [
    ...options.split(" "),
    ...(client === ours ? ["--protocol=rsync"] : []),
    `--protocol=${protocol}`,
    ...(way === "connected program" ? [] : [`--rsh=${shell}`]),
    ...(way === "connected program"
      ? []
      : [`--rsync-path=${way === "remote shell" ? server : daemon}`]),
    ...(isPull ? [`${place}/src/`, `${who}/`] : ["src/", `${place}/${who}/`]),
  ];
  const env = { ...process.env, RSYNC_CONNECT_PROG: `${daemon} --daemon` };
  const ran = spawnSync(client, argv, { cwd: folder, env, encoding: "latin1", timeout: 60_000 });
  return { exit: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

for (const one of sampled(cases, 61)) {
  const { role, way, options, protocol } = one;
  it(`${role} by a ${way}, ${options}, protocol ${protocol}`, async () => {
    await using folder = temporaryFolder();
    makeTrees((name) => join(folder.path, name));
    const wanted = run(one, "rsync", folder.path);
    const found = run(one, "ours", folder.path);
    assert.deepEqual([found.exit, found.stderr], [wanted.exit, wanted.stderr]);
    assert.deepEqual(linesOf(found.stdout, options), linesOf(wanted.stdout, options));
    assertSameTree(readTree(join(folder.path, "rsync")), join(folder.path, "ours"));
  });
}
