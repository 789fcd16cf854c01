// Under fakeroot, which pretends by standing between a program and the C library: owners, modes and
// devices are what they would be for root, in the eyes of those who ask under the same fakeroot.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { temporaryFolder } from "../support/index.ts";

const hasFakeroot = spawnSync("fakeroot", ["--version"]).status === 0;
const skip = !hasFakeroot && "fakeroot is not installed";
const launcher =
  process.env.MANIFOLD_RSYNC ?? join(import.meta.dirname, "..", "..", "manifold-rsync");

const script = (program: string): string => `
  mkdir src dst
  mknod src/block b 42 69; mknod src/char c 41 67; mkfifo src/fifo
  echo script > src/file; mkdir src/dir; ln -s file src/link
  chmod 4751 src/file; chmod 2750 src/dir; chmod 640 src/char; chown 1234:5678 src/file src/dir
  cp -a src/block dst/char; echo other > dst/file; chmod 600 dst/file
  touch -h -d 2021-02-03 src/* src
  touch -d 2020-01-02 dst
  '${program}' -ai src/ dst/
  '${program}' -ai src/ dst/
  find dst -mindepth 1 -printf '%P %y %m %U:%G %l\\n' | sort
  stat -c '%n %t,%T' dst/block dst/char`;

describe("under fakeroot", { skip }, () => {
  it("a copy keeps what only root could keep", () => {
    const tell = (program: string): string => {
      using folder = temporaryFolder();
      chmodSync(folder.path, 0o777);
      const nobody = process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
      const options = { cwd: folder.path, encoding: "utf8", timeout: 60_000, ...nobody } as const;
      const ran = spawnSync("fakeroot", ["sh", "-ec", script(program)], options);
      assert.equal(ran.stderr, "");
      return ran.stdout;
    };
    assert.equal(tell(launcher), tell("rsync"));
  });
});
