// The same command run by rsync and by manifold-rsync, each in its own copy of the same trees.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const programs = {
  rsync: "rsync",
  ours: fileURLToPath(new URL("../../manifold-rsync", import.meta.url)),
};

/** Which of the two. */
export type Side = keyof typeof programs;

/** What a program told. */
export interface Told {
  readonly stdout: string;
  readonly stderr: string;
  readonly log: string;
  readonly exit: number | null;
}

/** Two copies of a folder with trees; commands run in them as their working directory. */
export class ComparedPrograms {
  readonly #folder: string;

  /** `folder` holds "trees"; the copies are made beside it. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Runs the command on fresh copies and returns what both told, made comparable. */
  run(argv: readonly string[]): { readonly rsync: Told; readonly ours: Told } {
    return { rsync: this.#tell("rsync", argv), ours: this.#tell("ours", argv) };
  }

  #tell(side: Side, argv: readonly string[]): Told {
    const cwd = `${this.#folder}/${side}`;
    rmSync(cwd, { recursive: true, force: true });
    mkdirSync(cwd);
    spawnSync("cp", ["-a", `${this.#folder}/trees/.`, cwd]);
    const env = { ...process.env, LC_ALL: "C.UTF-8" };
    const ran = spawnSync(programs[side], argv, { cwd, env, timeout: 60_000, encoding: "latin1" });
    const log = existsSync(`${cwd}/log`) ? readFileSync(`${cwd}/log`, "latin1") : "";
    const mask = (text: string): string => maskNumbers(text.replaceAll(cwd, "$CWD"));
    return {
      stdout: mask(ran.stdout),
      stderr: mask(ran.stderr),
      log: mask(log).replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\d+\] /gm, ""),
      exit: ran.status,
    };
  }
}

/** What depends on the moment, or on the pipes between rsync's processes. */
function maskNumbers(text: string): string {
  return text
    .replace(
      /^(sent) [\d,.KMG]+ (bytes {2}received) [\d,.KMG]+ (bytes)( {2}[\d,.KMG]+ bytes\/sec)?/gm,
      "$1 N $2 N $3",
    )
    .replace(/(speedup is) [\d,.]+/g, "$1 N")
    .replace(/^(File list (?:generation|transfer) time:) .*/gm, "$1 T")
    .replace(/^(File list size|Total bytes sent|Total bytes received): .*/gm, "$1: N")
    .replace(/ at [a-z0-9]+\.c\(\d+\) \[/g, " at FILE [");
}
