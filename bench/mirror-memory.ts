// What a run from many sources needs of memory where the tree has a million files: the listing is made up, served by two web servers,
// and compared with an empty target, of which nothing is brought (--dry-run).
//
//   npm run bench:mirror-memory -- [FILES]

import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChangesetWriter, ListedDirectory, selfName } from "../src/changeset/index.ts";
import { serving } from "./rate-servers.ts";

const files = Number(process.argv[2] ?? 1_000_000);
const folderFiles = 1000;
const [fileMode, folderMode] = [0o100644, 0o040755];
const madeAt = 1_700_000_000;
const rate = 1e9;

/** Writes a listing of a tree that there is not. */
function writeListing(path: string): void {
  const file = openSync(path, "w");
  const header = {
    ...({ kind: "listing", digest: "blake3", compression: "none", hasData: false } as const),
    ...{ preserves: ["mode", "mtime", "owner", "group"] as const },
    ...{ options: new Map(), filters: [], program: "bench" },
  };
  const writer = new ChangesetWriter(header, (bytes) => void writeSync(file, bytes), 0);
  const listed = new ListedDirectory();
  const add = (name: string, mode: number, size: number): void => {
    const row = listed.columns.add(name, mode);
    listed.columns.mtime[row] = madeAt;
    listed.columns.size[row] = size;
  };
  const names = Array.from(
    { length: Math.ceil(files / folderFiles) },
    (_, n) => `d${String(n).padStart(5, "0")}`,
  );
  listed.reset("");
  add(selfName, folderMode, 0);
  for (const name of names) add(name, folderMode, 0);
  writer.listing(listed);
  for (const [n, name] of names.entries()) {
    listed.reset(name);
    for (let i = 0; i < Math.min(folderFiles, files - n * folderFiles); i++)
      add(`file-${String(i).padStart(4, "0")}`, fileMode, 1000 + i);
    writer.listing(listed);
  }
  writer.finish({ complete: true, exit: 0 });
  closeSync(file);
}

const work = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "bench-memory-"));
try {
  const folder = join(work, "served");
  mkdirSync(folder);
  writeListing(join(folder, "manifold.listing"));
  await serving(
    [
      { rate, folder },
      { rate, folder },
    ],
    async ([first = "", second = ""]) => {
      const manifold = join(import.meta.dirname, "..", "manifold");
      const argv = [manifold, "sync", "-n", `--mirror=${second}`, first, join(work, "target/")];
      const words = ["-f", "%M %U %S", ...argv];
      const ran = spawnSync("/usr/bin/time", words, { encoding: "utf8", timeout: 300_000 });
      const [kibibytes, user, system] = (ran.stderr.trim().split("\n").at(-1) ?? "").split(" ");
      if (ran.status !== 0) throw new Error(ran.stderr);
      const mega = ((Number(kibibytes) * 1024) / 1e6).toFixed(0);
      console.log(
        `${files} files: ${mega} MB, ${(Number(user) + Number(system)).toFixed(1)} s of the processor`,
      );
    },
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
