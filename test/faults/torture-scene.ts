// The scene of the torture tests: small, and with one of everything that a run does to a target.

import {
  type DirectoryNode,
  directory,
  fifo,
  file,
  hardLink,
  sparse,
  symlink,
  treeOf,
} from "../support/index.ts";

const day = 86_400;
const t0 = 1_600_000_000;
/** Above the size that is copied by reading and writing. */
const big = "large ".repeat(50_000);

/** What is to be copied. */
export function tortureSource(): DirectoryNode {
  return treeOf(
    {
      same: file("as it was", { mtime: t0 }),
      changed: file("the new content of this file", { mtime: t0 + day, mode: 0o600 }),
      touched: file("only its time and mode", { mtime: t0 + day, mode: 0o640 }),
      added: file("new", { mtime: t0, uid: 7, gid: 8, mode: 0o4755 }),
      empty: file("", { mtime: t0 }),
      big: file(big, { mtime: t0 + day }),
      holes: sparse(100_000, { 0: "head", 90000: "tail" }, { mtime: t0 }),
      link: symlink("changed", { mtime: t0 + day }),
      "was-dir": file("a file where a directory was", { mtime: t0 }),
      "was-link": file("a file where a link was", { mtime: t0 }),
      "was-file/": directory(
        { inside: file("a directory where a file was", { mtime: t0 }) },
        { mtime: t0 },
      ),
      pipe: fifo({ mtime: t0, mode: 0o622 }),
      one: file("a file of two names", { mtime: t0 }),
      two: hardLink("one"),
      tagged: file("with attributes", { mtime: t0, xattrs: { "user.a": "1", "user.new": "2" } }),
      "new/": directory(
        {
          a: file("in a new directory", { mtime: t0 }),
          l: symlink("../same", { mtime: t0 }),
          "deep/": directory(
            { b: file("deep in it", { mtime: t0, mode: 0o400 }) },
            { mtime: t0, mode: 0o500 },
          ),
        },
        { mtime: t0, mode: 0o750 },
      ),
      "old/": directory(
        {
          same: file("same here", { mtime: t0 }),
          changed: file("new here", { mtime: t0 + day }),
          "sub/": directory({ c: file("in both", { mtime: t0 }) }, { mtime: t0 + day }),
        },
        { mtime: t0 + day },
      ),
    },
    { mtime: t0, mode: 0o755 },
  );
}

/** What is there before. */
export function tortureTarget(): DirectoryNode {
  return treeOf(
    {
      same: file("as it was", { mtime: t0 }),
      changed: file("old content", { mtime: t0 }),
      touched: file("only its time and mode", { mtime: t0 }),
      big: file(big.slice(0, 200_000), { mtime: t0 }),
      link: symlink("same", { mtime: t0 }),
      "was-dir/": directory(
        { in: file("x", { mtime: t0 }), "more/": { y: "y" } },
        { mtime: t0, mode: 0o711 },
      ),
      "was-link": symlink("changed", { mtime: t0 }),
      "was-file": file("soon a directory", { mtime: t0 }),
      one: file("other content", { mtime: t0 }),
      two: file("other content of its own", { mtime: t0 }),
      tagged: file("with attributes", { mtime: t0, xattrs: { "user.a": "0", "user.old": "3" } }),
      extra: file("not in the source", { mtime: t0 }),
      "extra-dir/": { e: "e", "f/": { g: "g" } },
      "old/": directory(
        {
          same: file("same here", { mtime: t0 }),
          changed: file("old here", { mtime: t0 }),
          extra: file("extra here", { mtime: t0 }),
          "sub/": directory({ c: file("in both", { mtime: t0 }) }, { mtime: t0 }),
        },
        { mtime: t0 },
      ),
    },
    { mtime: t0 - day, mode: 0o700 },
  );
}
