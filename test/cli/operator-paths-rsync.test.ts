// Symbolic links on paths that the operator gives: rsync and manifold-rsync refuse the same ones, those of other users, end in the
// same way, and touch nothing that they lead to; ours and, with --insecure-links, all are followed.

import assert from "node:assert/strict";
import {
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { sampled, temporaryFolder } from "../support/index.ts";
import { haveOracle, runRsync } from "./output/rsync-oracle.ts";
import { isRoot, runOurs } from "./run-ours.ts";

const skip =
  (!haveOracle() && "rsync 3.5 is not installed") ||
  (!isRoot && "needs root, to give links to somebody else");
const foreigner = 4321;

/** One option with a path. */
interface Kind {
  readonly name: string;
  /** The command line; "%" is the path. */
  readonly argv: string;
  /** What the path leads to: a folder, or a file with this content; undefined = a file that is made. */
  readonly leadsTo: "folder" | { readonly content: string | undefined };
  /** Where relative paths begin. */
  readonly from?: "dst";
  /** What we end with where somebody else's link is refused, and rsync with something else. */
  readonly refusedExit?: number;
  /** Why rsync cannot serve as an oracle for relative paths. */
  readonly absoluteOnly?: string;
}

const folder = "folder";
const list = { content: "sentinel\n" };
const made = { content: undefined };

const backupDir: Kind = {
  name: "--backup-dir",
  argv: "-ab --backup-dir=% src/ dst/",
  leadsTo: folder,
  from: "dst",
};

const kinds: readonly Kind[] = [
  { name: "the target", argv: "-a src/ %/", leadsTo: folder },
  { name: "a file's target", argv: "-a src/file %", leadsTo: folder },
  { name: "a new target", argv: "-a src/ %/new", leadsTo: folder },
  backupDir,
  {
    name: "--temp-dir",
    argv: "-a --temp-dir=% src/ dst/",
    leadsTo: folder,
    absoluteOnly: "its receiver cannot rename from a relative one that is a link",
  },
  { name: "--compare-dest", argv: "-a --compare-dest=% src/ dst/", leadsTo: folder, from: "dst" },
  { name: "--copy-dest", argv: "-a --copy-dest=% src/ dst/", leadsTo: folder, from: "dst" },
  { name: "--link-dest", argv: "-a --link-dest=% src/ dst/", leadsTo: folder, from: "dst" },
  { name: "--files-from", argv: "-a --files-from=% src/ dst/", leadsTo: list },
  { name: "--exclude-from", argv: "-a --exclude-from=% src/ dst/", leadsTo: list },
  { name: "--include-from", argv: "-a --include-from=% --exclude=* src/ dst/", leadsTo: list },
  {
    name: "a merge file",
    argv: "-a --filter=merge_% src/ dst/",
    leadsTo: { content: "- sentinel\n" },
  },
  { name: "--log-file", argv: "-a --log-file=% src/ dst/", leadsTo: made },
  // rsync opens the script first, which is why its exit depends on which of the two a link is.
  { name: "--write-batch", argv: "-a --write-batch=% src/ dst/", leadsTo: made, refusedExit: 3 },
];

/** A link, and who owns it. */
interface Planted {
  readonly kind: Kind;
  readonly isParent: boolean;
  readonly isAbsolute: boolean;
  readonly way: "refused" | "ours" | "insecure";
}

const ways = ["refused", "ours", "insecure"] as const;
const yesNo = [true, false];

const rows: readonly Planted[] = kinds.flatMap((kind) =>
  ways.flatMap((way) =>
    yesNo.flatMap((isParent) =>
      yesNo
        .filter((isAbsolute) => isAbsolute || kind.absoluteOnly === undefined)
        .map((isAbsolute) => ({ kind, isParent, isAbsolute, way })),
    ),
  ),
);

/** Makes the scene and returns the path that leads through the link. */
function plant(scene: string, { kind, isParent, isAbsolute, way }: Planted): string {
  for (const name of ["src", "dst", "out/below"])
    mkdirSync(`${scene}/${name}`, { recursive: true });
  for (const [name, text] of [
    ["src/file", "new content"],
    ["dst/file", "old"],
    ["src/sentinel", "same"],
    ["out/sentinel", "same"],
    ["out/below/sentinel", "same"],
  ] as const) {
    writeFileSync(`${scene}/${name}`, text);
    utimesSync(`${scene}/${name}`, 1e9, 1e9);
  }
  const place = kind.from === undefined ? "" : `${kind.from}/`;
  const { leadsTo } = kind;
  const leaf = leadsTo === folder ? "below" : "named";
  if (leadsTo !== folder && leadsTo.content !== undefined) {
    writeFileSync(`${scene}/out/${leaf}`, leadsTo.content);
  }
  const link = `${scene}/${place}planted`;
  symlinkSync(`${scene}/out${isParent ? "" : `/${leaf}`}`, link);
  if (way !== "ours") lchownSync(link, foreigner, foreigner);
  const path = isParent ? `planted/${leaf}` : "planted";
  return isAbsolute ? `${scene}/${place}${path}` : path;
}

/** What a tree has, without what two runs cannot have in common. */
function stateOf(top: string): string[] {
  const names = readdirSync(top, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => {
    const { mode, nlink } = lstatSync(`${top}/${name}`);
    const isFile = (mode & 0o170000) === 0o100000;
    return `${name} ${mode.toString(8)} ${isFile ? `${nlink} ${readFileSync(`${top}/${name}`)}` : ""}`;
  });
}

const run = {
  rsync: (argv: readonly string[], cwd: string) => runRsync(argv, { cwd }),
  ours: (argv: readonly string[], cwd: string) => runOurs("manifold-rsync", argv, { cwd }),
};

function play(scene: string, row: Planted, side: keyof typeof run) {
  rmSync(scene, { recursive: true, force: true });
  const path = plant(scene, row);
  const before = stateOf(`${scene}/out`);
  const words = row.kind.argv.split(" ").map((word) => word.replace("%", path));
  const argv = [...(row.way === "insecure" ? ["--insecure-links"] : []), ...words];
  const ran = run[side](argv, scene);
  return { ran, before, out: stateOf(`${scene}/out`), target: stateOf(`${scene}/dst`) };
}

function check(row: Planted): void {
  const { kind, way, isParent, isAbsolute } = row;
  using temporary = temporaryFolder();
  const scene = temporary.at("scene");
  const theirs = play(scene, row, "rsync");
  const ours = play(scene, row, "ours");
  const place = `${isParent ? "parent" : "leaf"}, ${isAbsolute ? "absolute" : "relative"}`;
  const what = `${kind.name}, ${way}, ${place}: ${ours.ran.stderr}`;
  const isRefused = way === "refused";
  assert.equal(ours.ran.exit, (isRefused ? kind.refusedExit : undefined) ?? theirs.ran.exit, what);
  assert.deepEqual(ours.target, theirs.target, what);
  if (isRefused) {
    assert.match(ours.ran.stderr, /Too many levels of symbolic links/, what);
    assert.deepEqual(ours.out, ours.before, what);
  } else if (kind.leadsTo !== made) assert.deepEqual(ours.out, theirs.out, what);
  // Logs and batches are each program's own.
  else
    assert.ok(
      ours.out.some((line) => line.startsWith("named ")),
      what,
    );
}

/** What --confine-root has to say of: the command line, and how it ends; "out" is what a link of ours leads to. */
const outside = [
  { argv: "-ab --backup-dir=planted src/ dst/", exits: { rsync: 11, ours: 11 } },
  { argv: "-a --temp-dir=$SCENE/out src/ dst/", exits: { rsync: 23, ours: 23 } },
  // rsync passes the rules over without a word.
  { argv: "-a --filter=dir-merge_.rules src/ dst/", exits: { rsync: 0, ours: 23 } },
  // rsync tells of every file, and copies it all the same.
  { argv: "-a --link-dest=$SCENE/out src/ dst/", exits: { rsync: 23, ours: 0 } },
] as const;

describe("links on the operator's paths", { skip }, () => {
  it("are followed and refused as rsync does it", () => {
    for (const row of sampled(rows, 12, 1)) check(row);
  });

  it("do not lead out of --confine-root", () => {
    for (const { argv, exits } of sampled(outside)) {
      for (const side of ["rsync", "ours"] as const) {
        using temporary = temporaryFolder();
        const scene = temporary.at("scene");
        plant(scene, { kind: backupDir, isParent: true, isAbsolute: false, way: "ours" });
        writeFileSync(`${scene}/out/rules`, "- sentinel\n");
        symlinkSync("../out/rules", `${scene}/src/.rules`);
        const before = stateOf(`${scene}/out`);
        const words = argv.split(" ").map((word) => word.replace("$SCENE", scene));
        const { exit, stderr } = run[side]([`--confine-root=${scene}/dst`, ...words], scene);
        assert.equal(exit, exits[side], `${side} ${argv}: ${stderr}`);
        assert.deepEqual(stateOf(`${scene}/out`), before, `${side} ${argv}`);
      }
    }
  });
});
