// What tests of the digest cache have in common: a root with files, its cache, and what a run does with it.

import assert from "node:assert/strict";
import { closeSync, fstatSync, futimesSync, openSync, statSync, writeFileSync } from "node:fs";
import {
  cacheFile,
  DigestFile,
  type DigestFileOptions,
  type FileState,
  openDigestFile,
  RootDigests,
} from "../../src/cache/index.ts";
import { type FileSystem, openFileSystem, Stat } from "../../src/fs/index.ts";
import { digestOf } from "../../src/hash/index.ts";
import { temporaryFolder } from "../support/index.ts";

/** A moment at which tests begin: 2026-06-01. */
export const june = Date.UTC(2026, 5, 1);

/** A cache of a root, and the files in it. */
export class Scene implements Disposable {
  readonly folder = temporaryFolder();
  readonly fs: FileSystem = openFileSystem();
  readonly root = this.folder.path;
  readonly directory = this.folder.at("cache/manifold/digests");
  readonly path = cacheFile(this.directory, this.root);
  readonly handle = this.fs.openRoot(this.root);

  [Symbol.dispose](): void {
    this.fs.closeDirectory(this.handle);
    this.folder.remove();
  }

  /** Opens the cache as a run does; a text says why not. */
  open(options: Partial<DigestFileOptions> = {}): DigestFile | string {
    const { path, root } = this;
    return openDigestFile({ path, root, wallTime: june, settledMs: 0, ...options });
  }

  /** Has `work` done by a run, which ends then. */
  run<T>(work: (digests: RootDigests) => T, options: Partial<DigestFileOptions> = {}): T {
    const file = this.open(options);
    assert.ok(file instanceof DigestFile, String(file));
    const digests = new RootDigests(file.shared);
    try {
      return work(digests);
    } finally {
      digests.flush();
      file.close();
    }
  }

  /** Makes a file whose last change is over by the kernel's clock. */
  makeFile(name: string, content: string): FileState {
    writeFileSync(this.folder.at(name), content);
    this.settle(name);
    return this.state(name);
  }

  /** Returns when the next change of a file will have another time than its last one. */
  settle(name: string): void {
    const { ctimeNs } = statSync(this.folder.at(name), { bigint: true });
    const probe = openSync(this.folder.at("probe"), "w");
    while (touched(probe) <= ctimeNs);
    closeSync(probe);
  }

  state(name: string): FileState {
    const stat = new Stat();
    assert.ok(this.fs.stat(this.handle, name, stat), name);
    return stat;
  }

  get place(): { fs: FileSystem; dir: number } {
    return { fs: this.fs, dir: this.handle };
  }
}

function touched(probe: number): bigint {
  futimesSync(probe, 0, 0);
  return fstatSync(probe, { bigint: true }).ctimeNs;
}

/** The digest of a text. */
export function digest(content: string): Uint8Array {
  return digestOf("blake3", Buffer.from(content));
}

/** The state of a file that there is none of: settled, and different for each number. */
export function stateOf(number: number): FileState {
  return {
    ...{ devMajor: 8, devMinor: 1, inoHigh: 0, inoLow: number, size: number * 7 },
    ...{
      mtime: 1_700_000_000,
      mtimeNanos: 5,
      ctime: 1_700_000_000 + number,
      ctimeNanos: 123_456_789,
    },
  };
}

/** A place whose files can be taken at their word, whatever their states say. */
export function placeOf(fs: FileSystem, dir: number): { fs: FileSystem; dir: number } {
  const statDirectory = (_handle: number, into: Stat): void => {
    into.devMajor = 8;
    into.devMinor = 1;
  };
  return { fs: { ...fs, statDirectory, stampsChanges: () => true } as FileSystem, dir };
}
