// The history of a git repository, checked out commit by commit as git does it: what a commit changes gets the time of the
// checkout, everything else stays as it is.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** One commit, and the trees before and after it. */
export interface CheckedOut {
  readonly title: string;
  readonly oldTree: string;
  readonly newTree: string;
}

const outputBytesMax = 64 * 1024 * 1024;

function run(argv: readonly string[], env: Record<string, string> = {}): string {
  const [command = "", ...rest] = argv;
  const options = { encoding: "utf8", maxBuffer: outputBytesMax } as const;
  const ended = spawnSync(command, rest, { ...options, env: { ...process.env, ...env } });
  if (ended.status !== 0) throw new Error(`${argv.join(" ")} failed: ${ended.stderr}`);
  return ended.stdout;
}

/** Yields the last `max` commits that renamed files, oldest first; the trees of one are gone when the next is asked for. */
export function* commitsWithRenames(
  work: string,
  repository: string,
  max: number,
): Generator<CheckedOut> {
  const git = ["git", `--git-dir=${repository}`];
  const log = [...git, "log", "--no-merges", "-M", "--diff-filter=R", "--format=%H", "HEAD"];
  const commits = run(log).trim().split("\n").slice(0, max).reverse();
  const [oldTree, newTree] = [join(work, "commit-before"), join(work, "commit-after")];
  const index = { GIT_INDEX_FILE: join(work, "commit-index") };
  for (const commit of commits) {
    for (const path of [oldTree, newTree, index.GIT_INDEX_FILE]) {
      rmSync(path, { recursive: true, force: true });
    }
    mkdirSync(newTree, { recursive: true });
    const checkOut = (what: string): string =>
      run([...git, `--work-tree=${newTree}`, "read-tree", "-m", "-u", what], index);
    checkOut(`${commit}^`);
    run(["find", newTree, "-exec", "touch", "-h", "-d", "2020-01-01 00:00:00", "{}", "+"]);
    run([...git, `--work-tree=${newTree}`, "update-index", "-q", "--refresh"], index);
    run(["cp", "-a", newTree, oldTree]);
    checkOut(commit);
    yield { title: commit.slice(0, 12), oldTree, newTree };
  }
}
