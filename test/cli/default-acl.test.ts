// What a directory's default access control list gives to new entries, a target that the run itself
// makes among them: compared with rsync.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { temporaryFolder } from "../support/index.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { assertSideBySide } from "./side-by-side.ts";

const hasAcls = spawnSync("setfacl", ["--version"]).status === 0;
const skip =
  (!haveOracle() && "rsync 3.5 is not installed") || (!hasAcls && "setfacl is not installed");

const lists = ["u::7,g::7,o:7", "u::7,g::5,o:0", "u::7,u:0:7,g::7,m:5,o:0"];
const commands = [
  ["-r", "src/dir", "src/file", "up/to/"],
  ["-r", "src/file", "up/name"],
  ["-r", "src/dir/", "up/to/"],
  ["-r", "--mkpath", "src/dir/", "up/a/b/"],
  ["-rR", "--no-implied-dirs", "src/dir/inner", "up"],
  ["-rb", "--backup-dir=kept/deep", "src/", "up/old/"],
];

describe("entries made below a default access control list", { skip }, () => {
  for (const list of [undefined, ...lists]) {
    it(`get the permissions that it gives: ${list ?? "none"}`, () => {
      for (const command of commands) {
        using folder = temporaryFolder();
        const scene = folder.at("scene");
        buildScene(scene, list);
        const before = process.umask(0o077);
        try {
          assertSideBySide(scene, command, "umask 77");
        } finally {
          process.umask(before);
        }
      }
    });
  }
});

function buildScene(scene: string, list: string | undefined): void {
  for (const path of ["src/dir/inner", "up/old"])
    mkdirSync(`${scene}/${path}`, { recursive: true });
  writeFileSync(`${scene}/src/file`, "file");
  writeFileSync(`${scene}/src/dir/inner/program`, "program");
  writeFileSync(`${scene}/up/old/file`, "formerly");
  for (const path of ["dir", "dir/inner", "file", "dir/inner/program"]) {
    chmodSync(`${scene}/src/${path}`, path === "file" ? 0o666 : 0o777);
  }
  if (list === undefined) return;
  for (const path of ["up", "up/old"]) execFileSync("setfacl", ["-dm", list, `${scene}/${path}`]);
}
