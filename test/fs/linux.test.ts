// The Linux door: the conformance suite on the disk and in memory, with and without the newer
// system calls, and what is Linux's own.

import { linuxFileSystem } from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { fsSuite } from "../suites/fs-suite.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const calls = loadSystemCalls();

if (calls !== undefined) {
  const found = calls;
  const isRoot = process.geteuid?.() === 0;
  const suite = (
    name: string,
    parent: string | undefined,
    without: Parameters<typeof linuxFileSystem>[1],
  ) =>
    fsSuite(name, () => {
      const folder = temporaryFolder(parent);
      const fs = linuxFileSystem(found, without);
      const root = fs.openRoot(folder.path);
      return {
        fs,
        root,
        path: folder.path,
        obeysPermissions: !isRoot,
        close: () => {
          fs.closeDirectory(root);
          folder.remove();
        },
      };
    });
  suite("linux", undefined, {});
  suite("linux in memory", "/dev/shm", {});
  suite("linux without openat2 and fchmodat2", undefined, {
    openat2: true,
    fchmodat2: true,
    xattrat: true,
  });
}
