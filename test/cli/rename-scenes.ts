// What happens to files between two runs: moved, renamed, copied, rotated. Each scene makes a tree, which both sides
// have, changes one side of it, and says what of that has to be sent.

import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** One side of a scene. */
export class Side {
  readonly #root: string;
  #seed = 1;

  constructor(root: string) {
    this.#root = root;
  }

  /** Returns the path of an entry. */
  at(path: string): string {
    return `${this.#root}/${path}`;
  }

  /** Writes a file whose content nothing else has, some days old. */
  file(path: string, size: number, day = 1): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), noise(size, this.#seed++));
    this.age(path, day);
  }

  age(path: string, day: number): void {
    const time = 1_500_000_000 + day * 86_400;
    utimesSync(this.at(path), time, time);
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true });
    renameSync(this.at(from), this.at(to));
  }

  /** As cp -p. */
  copy(from: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true });
    copyFileSync(this.at(from), this.at(to));
    const { atimeMs, mtimeMs } = statSync(this.at(from));
    utimesSync(this.at(to), atimeMs / 1000, mtimeMs / 1000);
  }

  append(path: string, text: string): void {
    appendFileSync(this.at(path), text);
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true });
  }

  read(path: string): Buffer {
    return readFileSync(this.at(path));
  }

  write(path: string, content: string | Uint8Array): void {
    writeFileSync(this.at(path), content);
  }
}

/** Bytes that cannot be compressed, and are those of the seed. */
function noise(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** What happens, and what it costs. */
export interface RenameScene {
  readonly name: string;
  readonly before: (side: Side) => void;
  readonly change: (side: Side) => void;
  /** Files that are made of others, where nothing and where surplus files are deleted. */
  readonly found: number;
  readonly moved: number;
  /** Bytes of content that have to be sent. */
  readonly literal: number;
  /** Files of the tree. */
  readonly files: number;
  /** A directory makes way, or what the target has beside the source's names must be known before. */
  readonly needsDelete?: boolean;
}

const kibi = 1024;

/** The scenes. */
export const renameScenes: readonly RenameScene[] = [
  {
    name: "a rename in a directory",
    before: (side) => side.file("a/old", 100 * kibi),
    change: (side) => side.move("a/old", "a/new"),
    ...{ found: 1, moved: 1, literal: 0, files: 1 },
  },
  {
    name: "a move to another directory, that is new",
    before: (side) => {
      side.file("a/file", 100 * kibi);
      side.file("b/other", 5);
    },
    change: (side) => side.move("a/file", "new/deep/file"),
    ...{ found: 1, moved: 1, literal: 0, files: 2 },
  },
  {
    name: "a directory with files and directories in it",
    before: (side) => {
      for (let i = 0; i < 300; i++) side.file(`old/d${i % 7}/f${i}`, 100 + i, i);
    },
    change: (side) => side.move("old", "new"),
    ...{ found: 300, moved: 300, literal: 0, files: 300 },
  },
  {
    name: "a rename and another time",
    before: (side) => side.file("a/old", 100 * kibi),
    change: (side) => {
      side.move("a/old", "a/new");
      side.age("a/new", 9);
    },
    ...{ found: 1, moved: 1, literal: 0, files: 1 },
  },
  {
    name: "a swap",
    before: (side) => {
      side.file("a", 90 * kibi, 1);
      side.file("b", 100 * kibi, 2);
    },
    change: (side) => {
      side.move("a", "c");
      side.move("b", "a");
      side.move("c", "b");
    },
    ...{ found: 2, moved: 0, literal: 0, files: 2 },
  },
  {
    name: "a cycle of five",
    before: (side) => {
      for (let i = 0; i < 5; i++) side.file(`f${i}`, (50 + i) * kibi, i);
    },
    change: (side) => {
      side.move("f4", "spare");
      for (let i = 3; i >= 0; i--) side.move(`f${i}`, `f${i + 1}`);
      side.move("spare", "f0");
    },
    ...{ found: 5, moved: 0, literal: 0, files: 5 },
  },
  {
    name: "a rotation of ten logs",
    before: (side) => {
      for (let i = 1; i <= 10; i++) side.file(`log.${i}`, (20 + i) * kibi, 20 - i);
    },
    change: (side) => {
      side.remove("log.10");
      for (let i = 9; i >= 1; i--) side.move(`log.${i}`, `log.${i + 1}`);
      side.file("log.1", 7, 30);
    },
    ...{ found: 9, moved: 0, literal: 7, files: 10 },
  },
  {
    name: "a rotation of which the oldest is compressed",
    before: (side) => {
      for (let i = 1; i <= 9; i++) side.file(`log.${i}`, (20 + i) * kibi, 20 - i);
      side.file("log.10.gz", 3 * kibi, 1);
    },
    change: (side) => {
      side.remove("log.9");
      side.file("log.10.gz", 2 * kibi, 11);
      for (let i = 8; i >= 1; i--) side.move(`log.${i}`, `log.${i + 1}`);
      side.file("log.1", 7, 30);
    },
    ...{ found: 8, moved: 0, literal: 7 + 2 * kibi, files: 10 },
  },
  {
    name: "cp -p, and nothing else",
    before: (side) => side.file("foo", 100 * kibi),
    change: (side) => side.copy("foo", "foo.orig"),
    ...{ found: 1, moved: 0, literal: 0, files: 2 },
  },
  {
    name: "a copy to fifty places",
    before: (side) => side.file("one", 30 * kibi),
    change: (side) => {
      for (let i = 0; i < 50; i++) side.copy("one", `d${i % 5}/copy${i}`);
    },
    ...{ found: 50, moved: 0, literal: 0, files: 51 },
  },
  {
    name: "two identical files, both moved",
    before: (side) => {
      side.file("a/one", 40 * kibi);
      side.copy("a/one", "a/two");
    },
    change: (side) => {
      side.move("a/one", "b/one");
      side.move("a/two", "b/two");
    },
    ...{ found: 2, moved: 2, literal: 0, files: 2 },
  },
  {
    name: "another file of the same size and time",
    before: (side) => side.file("old", 40 * kibi, 3),
    change: (side) => {
      side.remove("old");
      side.file("new", 40 * kibi, 3);
      // Nothing that it may be compared with is like it.
      side.write("new", side.read("new").reverse());
      side.age("new", 3);
    },
    ...{ found: 0, moved: 0, literal: 40 * kibi, files: 1 },
  },
  {
    name: "names that are not UTF-8",
    before: (side) => side.file("plain", 60 * kibi),
    change: (side) => {
      const bytes = Buffer.concat([Buffer.from(side.at("caf")), Buffer.of(0xe9, 0xff)]);
      renameSync(side.at("plain"), bytes);
    },
    ...{ found: 1, moved: 1, literal: 0, files: 1 },
  },
  {
    name: "a file that moves out of a directory that something else takes the place of",
    before: (side) => {
      side.file("thing/inner", 70 * kibi, 2);
      side.file("thing/left", 10, 2);
    },
    change: (side) => {
      side.move("thing/inner", "kept");
      side.remove("thing");
      side.file("thing", 20 * kibi, 8);
    },
    ...{ found: 1, moved: 0, literal: 20 * kibi, files: 2, needsDelete: true },
  },
  {
    name: "a directory that is renamed over another",
    before: (side) => {
      // On one machine smaller ones are copied sooner than they are found.
      for (let i = 0; i < 8; i++) side.file(`a/f${i}`, 1000 + i, i);
      for (let i = 0; i < 8; i++) side.file(`b/f${i}`, 260 * kibi + i, i);
    },
    change: (side) => {
      side.remove("a");
      side.move("b", "a");
    },
    ...{ found: 8, moved: 8, literal: 0, files: 8, needsDelete: true },
  },
];
