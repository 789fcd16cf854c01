// Every operation of a door as an attempt to reach something that must not be reached: on a name
// below a directory, or on a name itself, that somebody exchanges for a symlink leading outside.

import assert from "node:assert/strict";
import type { ByteString } from "../../../src/base/index.ts";
import {
  type DirHandle,
  type FileHandle,
  type FileSystem,
  pickMark,
  Stat,
} from "../../../src/fs/index.ts";
import { Directory, isSymlink, typeFifo } from "../../../src/tree/index.ts";

/** One attempt. Inside, the entry "old" is the file "inside"; outside, a file of that name has another content. */
export interface Attempt {
  readonly fs: FileSystem;
  readonly dir: DirHandle;
  /** A file that is there, unless it is somewhere else at the moment. */
  readonly old: ByteString;
  /** A name that is free, or `old` where the name itself is what is exchanged. */
  readonly fresh: ByteString;
  /** Asserts that what these attributes belong to is not outside. */
  saw(stat: Stat): void;
}

/** What the file inside holds. */
export const insideContent = "inside";

/** A name that only the directory outside has. */
export const outsideName = "secret";

type Act = (attempt: Attempt) => void;

const unchanged = 0xffffffff;
const stat = new Stat();
const listing = new Directory();

function readsInside({ fs, saw }: Attempt, file: FileHandle): void {
  try {
    fs.statFile(file, stat);
    saw(stat);
    const bytes = new Uint8Array(64);
    const count = fs.read(file, bytes, 0, bytes.length, 0);
    assert.equal(Buffer.from(bytes.buffer, 0, count).toString("latin1"), insideContent);
  } finally {
    fs.closeFile(file);
  }
}

function withOld({ fs, dir, old }: Attempt, action: (file: FileHandle) => void): void {
  const file = fs.openWrite(dir, old);
  try {
    action(file);
  } finally {
    fs.closeFile(file);
  }
}

/** Makes a file under the fresh name and tries something with it; it is gone afterwards, if it was made. */
function withFresh({ fs, dir, fresh }: Attempt, action: () => void): void {
  fs.closeFile(fs.createFile(dir, fresh, 0o600));
  try {
    action();
  } finally {
    fs.unlink(dir, fresh);
  }
}

/** Makes a file that holds what files inside hold. */
function makeInside({ fs, dir }: Attempt, name: ByteString): void {
  const file = fs.createFile(dir, name, 0o600);
  try {
    fs.write(file, Buffer.from(insideContent), 0, insideContent.length, 0);
  } finally {
    fs.closeFile(file);
  }
}

/** Reading. */
const looks: Readonly<Record<string, Act>> = {
  stat: ({ fs, dir, old, saw }) => {
    if (fs.stat(dir, old, stat)) saw(stat);
  },
  statEntries: ({ fs, dir, old, saw }) => {
    listing.clear();
    listing.add(old, 0);
    fs.statEntries(dir, listing, 0, 1);
    if (listing.mode[0] === 0) return;
    stat.inoHigh = listing.inoHigh[0] as number;
    stat.inoLow = listing.inoLow[0] as number;
    saw(stat);
  },
  statDirectory: ({ fs, dir, saw }) => {
    fs.statDirectory(dir, stat);
    saw(stat);
  },
  readNames: ({ fs, dir }) => {
    listing.clear();
    fs.readNames(dir, listing);
    for (let i = 0; i < listing.count; i++) assert.notEqual(listing.name(i), outsideName);
  },
  openRead: (attempt) => readsInside(attempt, attempt.fs.openRead(attempt.dir, attempt.old)),
  "openRead beneath": (attempt) => {
    const { fs, dir, old } = attempt;
    readsInside(attempt, fs.openRead(dir, old, { follow: "beneath" }));
  },
  "openRead without access time": (attempt) =>
    readsInside(attempt, attempt.fs.openRead(attempt.dir, attempt.old, { noAtime: true })),
  listXattrs: ({ fs, dir, old }) => {
    for (const name of fs.listXattrs(dir, old)) assert.notEqual(name, "user.outside");
  },
  getXattr: ({ fs, dir, old }) => {
    assert.equal(fs.getXattr(dir, old, "user.outside"), undefined);
  },
};

/** Making and naming. */
const makes: Readonly<Record<string, Act>> = {
  createFile: (attempt) => withFresh(attempt, () => undefined),
  makeDirectory: ({ fs, dir, fresh }) => {
    fs.makeDirectory(dir, fresh, 0o700);
    fs.removeDirectory(dir, fresh);
  },
  makeSymlink: ({ fs, dir, fresh }) => {
    fs.makeSymlink(dir, fresh, "target");
    fs.unlink(dir, fresh);
  },
  makeNode: ({ fs, dir, fresh }) => {
    fs.makeNode(dir, fresh, typeFifo | 0o600, 0, 0);
    fs.unlink(dir, fresh);
  },
  link: ({ fs, dir, old }) => {
    fs.link(dir, old, dir, "twin");
    fs.unlink(dir, "twin");
  },
  rename: ({ fs, dir, old }) => {
    fs.rename(dir, old, dir, "moved");
    fs.rename(dir, "moved", dir, old, "no-replace");
  },
  "rename over": (attempt) => {
    const { fs, dir, old } = attempt;
    makeInside(attempt, "new");
    fs.rename(dir, "new", dir, old);
  },
  "rename exchange": (attempt) => {
    const { fs, dir, old, fresh } = attempt;
    if (fs.abilities.renameFlags && old !== fresh) {
      withFresh(attempt, () => {
        fs.rename(dir, old, dir, fresh, "exchange");
        fs.rename(dir, old, dir, fresh, "exchange");
      });
    }
  },
  unlink: (attempt) => {
    const { fs, dir, old } = attempt;
    fs.unlink(dir, old);
    makeInside(attempt, old);
  },
  removeDirectory: ({ fs, dir }) => {
    fs.removeDirectory(dir, "empty");
    fs.makeDirectory(dir, "empty", 0o700);
  },
};

/** Copies or compares what is listed under the old name between the directory and one in it. */
function withBox(attempt: Attempt, action: (box: DirHandle, marks: Uint8Array) => void): void {
  const { fs, dir, old } = attempt;
  listing.clear();
  listing.add(old, 0);
  fs.statEntries(dir, listing, 0, 1);
  const box = fs.openDirectory(dir, "empty");
  try {
    action(box, Uint8Array.of(pickMark.wanted));
  } finally {
    try {
      if (fs.stat(box, old, stat)) fs.unlink(box, old);
    } finally {
      fs.closeDirectory(box);
    }
  }
}

/** Many in one go, where the door can. */
const bundles: Readonly<Record<string, Act>> = {
  copyNewFiles: (attempt) =>
    withBox(attempt, (box, marks) => {
      const { fs, dir, old } = attempt;
      fs.copyNewFiles?.(dir, box, listing, 0, 1, marks);
      if (marks[0] === pickMark.done) readsInside(attempt, fs.openRead(box, old));
    }),
  readFiles: (attempt) =>
    withBox(attempt, (_box, marks) => {
      const { fs, dir } = attempt;
      const bytes = new Uint8Array(1024);
      const end = fs.readFiles?.(dir, listing, 0, 1, marks, bytes, 0) ?? 0;
      if (marks[0] !== pickMark.done) return;
      assert.equal(Buffer.from(bytes.subarray(0, end)).toString(), insideContent);
    }),
  compareFiles: (attempt) =>
    withBox(attempt, (box, marks) => {
      const { fs, dir, old } = attempt;
      if (fs.compareFiles === undefined) return;
      makeInside({ ...attempt, dir: box }, old);
      // Equal to what lies inside, and never to what lies outside.
      if (listing.size[0] === insideContent.length) fs.compareFiles(dir, box, listing, 0, 1, marks);
      else assert.ok(listing.mode[0] === 0 || isSymlink(listing.mode[0] as number));
    }),
};

/** Changing what is there. */
const changes: Readonly<Record<string, Act>> = {
  write: (attempt) =>
    withOld(attempt, (file) => {
      const { fs } = attempt;
      fs.write(file, Buffer.from(insideContent), 0, insideContent.length, 0);
      fs.truncate(file, insideContent.length);
    }),
  setMode: ({ fs, dir, old }) => fs.setMode(dir, old, 0o640),
  setOwner: ({ fs, dir, old }) => fs.setOwner(dir, old, unchanged, unchanged),
  setTimes: ({ fs, dir, old }) => fs.setTimes(dir, old, 1, 0, 2, 0),
  setFileTimes: (attempt) =>
    withOld(attempt, (file) => {
      attempt.fs.setFileMode(file, 0o640);
      attempt.fs.setFileTimes(file, 1, 0, 2, 0);
    }),
  setDirectoryMode: ({ fs, dir }) => fs.setDirectoryMode(dir, 0o755),
  setDirectoryOwner: ({ fs, dir }) => fs.setDirectoryOwner(dir, unchanged, unchanged),
  setDirectoryTimes: ({ fs, dir }) => fs.setDirectoryTimes(dir, 1, 0, 2, 0),
  setXattr: ({ fs, dir, old }) => fs.setXattr(dir, old, "user.a", new Uint8Array(1)),
  removeXattr: ({ fs, dir, old }) => fs.removeXattr(dir, old, "user.outside"),
  "setXattr of the directory": ({ fs, dir }) => fs.setXattr(dir, "", "user.a", new Uint8Array(1)),
};

/** All of them, by name. */
export const raceActs: Readonly<Record<string, Act>> = {
  ...looks,
  ...makes,
  ...bundles,
  ...changes,
};
