// Ways of making one tree like another between two machines, by what they put on the wire: manifold's sync and rsync behind a
// remote shell that stays on this machine, and manifold's verbs. Each checks that the target is what was to be made.

import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ChangesetReader,
  type ChangesetRecord,
  type OrderedDirectory,
  orderKind,
} from "../src/changeset/index.ts";
import { anyLinks, readNamedFile } from "../src/fs/index.ts";

const outputBytesMax = 64 * 1024 * 1024;
const manifold = join(import.meta.dirname, "..", "manifold");

/** Where things are: two trees, and a folder to work in. */
export interface WireScene {
  readonly work: string;
  readonly oldTree: string;
  readonly newTree: string;
}

/** What one way of getting there took. */
export interface Measured {
  readonly name: string;
  /** Bytes in both directions. */
  readonly wire: number;
  /** Bytes of content that were sent as they are. */
  readonly literal: number;
  /** Files that were made of another one of the target, without content; undefined = it does not tell. */
  readonly free?: ReadonlySet<string>;
}

function sh(work: string, command: string): string {
  const ended = spawnSync("sh", ["-c", command], {
    cwd: work,
    encoding: "latin1",
    maxBuffer: outputBytesMax,
    env: { ...process.env, LC_ALL: "C" },
  });
  if (ended.status === 0) return ended.stdout;
  throw new Error(`${command} ended with ${ended.status}: ${ended.stderr}`);
}

function check({ work, newTree }: WireScene): void {
  const left = sh(
    work,
    `"${manifold}" diff --delete "${newTree}" target | "${manifold}" show --json -`,
  );
  if (!left.includes('"entries":0')) throw new Error("the target is not what was to be made");
  sh(work, "rm -rf target");
}

/** One way by sync, which pulls through a pipe. */
export function bySync(scene: WireScene, options: string): Measured {
  const { work, oldTree, newTree } = scene;
  const shell = join(work, "shell");
  writeFileSync(shell, '#!/bin/sh\nshift\nexec "$@"\n');
  chmodSync(shell, 0o755);
  sh(work, `rm -rf target && cp -a "${oldTree}" target`);
  const far = `-e "${shell}" --remote-path="${manifold}" --no-compress --json=events`;
  sh(work, `"${manifold}" sync -H --delete ${far} ${options} "far:${newTree}/" target/`);
  check(scene);
  const free = new Set<string>();
  let bytes = { literal: 0, sent: 0, received: 0 };
  for (const line of readFileSync(join(work, "events"), "utf8").trim().split("\n")) {
    const event = JSON.parse(line) as { type: string; action?: string; path: string } & {
      bytes: typeof bytes;
    };
    if (event.action === "moved" || event.action === "copied") free.add(event.path);
    if (event.type === "summary") ({ bytes } = event);
  }
  const { literal, sent, received } = bytes;
  return { name: `manifold sync ${options}`.trim(), wire: sent + received, literal, free };
}

/** One way by the verbs. */
export function byVerbs(scene: WireScene, options: string): Measured {
  const { work, oldTree, newTree } = scene;
  sh(work, `rm -rf target && cp -a "${oldTree}" target`);
  sh(work, `"${manifold}" scan --digests "${newTree}" > listing`);
  sh(work, `"${manifold}" diff --delete ${options} - target < listing > changeset`);
  sh(work, `"${manifold}" send "${newTree}" < changeset > data`);
  sh(work, `"${manifold}" receive target < data`);
  check(scene);
  const trailer = JSON.parse(sh(work, `"${manifold}" show --json data | tail -n 1`)) as {
    totals: { literal: number };
  };
  const free = freeMoves(join(work, "data"));
  const sizeOf = (file: string): number => statSync(join(work, file)).size;
  const wire = sizeOf("listing") + sizeOf("changeset") + sizeOf("data");
  sh(work, "rm -rf listing changeset data");
  const name = `manifold scan \\| diff ${options}\\| send`;
  return { name, wire, literal: trailer.totals.literal, free };
}

/** New files that begin from another one and are all of it. */
function freeMoves(file: string): ReadonlySet<string> {
  const reader = new ChangesetReader();
  let orders: OrderedDirectory | undefined;
  const free = new Set<string>();
  const take = (record: ChangesetRecord): void => {
    if (record.type === "directory" || record.type === "late") orders = record.orders;
    if (record.type !== "data" || record.tokens[0]?.kind !== "all") return;
    if (orders?.kind[record.index] !== orderKind.move) return;
    free.add(join(orders.path, orders.columns.name(record.index)));
  };
  for (const piece of readNamedFile(Buffer.from(file).toString("latin1"), anyLinks)) {
    reader.push(piece);
    for (let record = reader.next(); record !== undefined; record = reader.next()) take(record);
  }
  return free;
}

/** One way by rsync, which copies through a pipe of its own. */
export function byRsync(scene: WireScene, options: string): Measured {
  const { work, oldTree, newTree } = scene;
  sh(work, `rm -rf target && cp -a "${oldTree}" target`);
  const flags = `-aH --delete --no-whole-file ${options} --stats`;
  const said = sh(work, `rsync ${flags} "${newTree}/" target/`);
  check(scene);
  const number = (label: string): number =>
    Number(new RegExp(`${label}: ([0-9,]+)`).exec(said)?.[1]?.replaceAll(",", ""));
  return {
    name: `rsync --no-whole-file ${options}`.trim(),
    wire: number("Total bytes sent") + number("Total bytes received"),
    literal: number("Literal data"),
  };
}
