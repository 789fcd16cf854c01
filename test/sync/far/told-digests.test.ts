// Pins digests that come with directories: asked for where most files are as long as what the target has, told by the source's
// end, and believed only where what stands on the target is that.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { systemClock } from "../../../src/base/index.ts";
import { digestOf } from "../../../src/hash/index.ts";
import {
  askedDigestBytes,
  decodeControl,
  decodeDirectory,
  decodeListingMessage,
  encodeControl,
  encodeRequest,
  hasRow,
  lane,
  openSession,
  type RowDigests,
  rowBits,
  setRow,
} from "../../../src/session/index.ts";
import { DigestChoice } from "../../../src/sync/far/digest-choice.ts";
import { sessionWords } from "../../../src/sync/far/session-words.ts";
import { runAgent } from "../../../src/sync/index.ts";
import { memoryChannels } from "../../../src/transport/index.ts";
import { Directory, typeDirectory } from "../../../src/tree/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/index.ts";
import { farOptions, outcomeOf, startMessage, surroundings, within } from "./far-rig.ts";
import {
  body,
  content,
  directory,
  file,
  playSource,
  type Scripted,
  sayWalked,
} from "./scripted-source.ts";

test("they are wanted where half of the files may be the same, and until it is a quarter", () => {
  const choice = new DigestChoice();
  assert.equal(choice.looked({ files: 255, alike: 255 }), undefined, "too few to tell");
  assert.equal(choice.looked({ files: 1, alike: 0 }), true);
  assert.equal(choice.looked({ files: 300, alike: 100 }), undefined);
  assert.equal(choice.looked({ files: 300, alike: 74 }), false);
  assert.equal(choice.looked({ files: 300, alike: 149 }), undefined);
  assert.equal(choice.looked({ files: 300, alike: 150 }), true);
});

const dir = typeDirectory | 0o755;
const texts = { same: "same text", other: "new text!", wrong: "wrong way" } as const;

function digestsOf(listed: readonly (string | undefined)[]): RowDigests {
  const rows = rowBits(0, listed.length);
  const digests: Uint8Array[] = [];
  listed.forEach((text, row) => {
    if (text === undefined) return;
    setRow(rows, row);
    digests.push(digestOf("blake3", Buffer.from(text)).subarray(0, askedDigestBytes));
  });
  return { ...rows, digests: Buffer.concat(digests) };
}

function fill(
  folder: TemporaryFolder,
  path: string,
  files: Readonly<Record<string, string>>,
): void {
  mkdirSync(folder.at(path), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(folder.at(`${path}/${name}`), text);
    utimesSync(folder.at(`${path}/${name}`), 500, 500);
  }
}

test("what is the same keeps its content, and nothing is asked about it; what is not is wished for", async () => {
  using folder = temporaryFolder();
  const many = Array.from({ length: 300 }, (_, n) => `f${String(n).padStart(3, "0")}`);
  fill(folder, "target/d", Object.fromEntries(many.map((name) => [name, "as it was"])));
  fill(folder, "target/e", { a: texts.same, b: "old text!", c: "old wrong", d: "untold!!!" });
  const inode = statSync(folder.at("target/e/a")).ino;
  const size = 9;
  const asked: number[] = [];
  const sent: Readonly<Record<number, Scripted>> = {
    1: file(1, texts.other),
    2: file(2, texts.wrong),
    3: file(3, "told now!"),
    4: file(4, "brand new"),
  };
  const say = (record: Uint8Array, index: number, number: number) =>
    directory(record, { directory: number, parent: 0, index });
  const { told, problems } = await playSource(folder.at("target"), {
    walk: (peer) => {
      const top = body([
        { name: "d", mode: dir },
        { name: "e", mode: dir },
      ]);
      peer.send(lane.listing, directory(top, { directory: 0, parent: 0, index: 0 }));
      const entries = many.map((name) => ({ name, size }));
      peer.send(lane.listing, say(body(entries, { path: "d" }), 0, 1));
    },
    digests: (peer, wanted) => {
      assert.equal(wanted, true);
      const entries = ["a", "b", "c", "d", "e"].map((name) => ({ name, size }));
      // Of the third the digest is that of what the target has, which the source has not: it is taken at its word.
      const digests = digestsOf([texts.same, texts.other, "old wrong", undefined, "brand new"]);
      peer.send(lane.listing, say(body(entries, { path: "e", digests }), 1, 2));
      sayWalked(peer);
    },
    answer: (peer, { id, rows, directory: number, bytes, question }) => {
      if (number === 1) {
        assert.equal(bytes, 300 * size, "all of it may come with the answer");
        assert.ok(question);
        peer.send(lane.content, content(id, [], { same: question }));
        return;
      }
      const about = [0, 1, 2, 3, 4].filter((row) => hasRow(question, row) || rows.includes(row));
      asked.push(...about);
      peer.send(
        lane.content,
        content(
          id,
          about.map((row) => sent[row] as Scripted),
        ),
      );
    },
  });
  assert.deepEqual([told, problems], ["exit 0", []]);
  assert.deepEqual(asked, [1, 3, 4]);
  const text = (name: string): string => readFileSync(folder.at(`target/e/${name}`), "latin1");
  assert.deepEqual(["a", "b", "c", "d", "e"].map(text), [
    texts.same,
    texts.other,
    "old wrong",
    "told now!",
    "brand new",
  ]);
  assert.equal(statSync(folder.at("target/e/a")).ino, inode);
  for (const name of ["d/f007", "e/a", "e/b", "e/e"]) {
    assert.equal(statSync(folder.at(`target/${name}`)).mtimeMs, 1_000_000, name);
  }
});

for (const option of ["--backup", "--checksum", "--whole-file", "--append"]) {
  test(`they are not wanted where nobody would go by them (${option})`, async () => {
    using folder = temporaryFolder();
    const names = Array.from({ length: 300 }, (_, n) => `f${String(n).padStart(3, "0")}`);
    fill(folder, "target/d", Object.fromEntries(names.map((name) => [name, "as it was"])));
    let isWanted = false;
    const { told, problems } = await playSource(folder.at("target"), {
      options: [option],
      walk: (peer) => {
        const top = body([{ name: "d", mode: dir }]);
        peer.send(lane.listing, directory(top, { directory: 0, parent: 0, index: 0 }));
        const listed = body(
          names.map((name) => ({ name, size: 9 })),
          { path: "d" },
        );
        peer.send(lane.listing, directory(listed, { directory: 1, parent: 0, index: 0 }));
        sayWalked(peer);
      },
      digests: () => (isWanted = true),
      answer: (peer, { id, rows, question }) => {
        const about = [...names.keys()].filter((n) => rows.includes(n) || hasRow(question, n));
        const files = about.map((row) => file(row, "as it is!"));
        peer.send(lane.content, content(id, files));
      },
    });
    assert.deepEqual([told, problems, isWanted], ["exit 0", [], false]);
  });
}

test("a source's end tells them of files that are neither empty nor large, of nothing else, and only when asked", async () => {
  using folder = temporaryFolder();
  fill(folder, "source/d", { a: "content of a", b: "", c: "content of c" });
  writeFileSync(folder.at("source/d/large"), Buffer.alloc(1024 * 1024 + 1));
  symlinkSync("a", folder.at("source/d/link"));
  for (const wanted of [true, false]) {
    const records = await listed(folder.at("source"), wanted);
    const digests = records.get("d");
    assert.equal(digests !== undefined, wanted);
    if (digests === undefined) continue;
    assert.deepEqual(
      [0, 1, 2, 3, 4].filter((row) => hasRow(digests, row)),
      [0, 2],
    );
    const right = digestsOf(["content of a", undefined, "content of c"]);
    assert.equal(Buffer.compare(digests.digests, right.digests), 0);
  }
});

/** Has an agent walk a tree, and returns what digests came with each directory. */
async function listed(
  source: string,
  wanted: boolean,
): Promise<ReadonlyMap<string, RowDigests | undefined>> {
  const [near, far] = memoryChannels("far");
  const agent = outcomeOf(runAgent(far, surroundings()));
  const peer = await openSession(near, { ...sessionWords, side: "initiator", clock: systemClock });
  peer.send(lane.control, startMessage(farOptions(["-a", `host:${source}/`, "/nowhere"])));
  const records = new Map<string, RowDigests | undefined>();
  let isClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (isClosed = resolve));
  const walk = {
    walk: 1,
    quiet: false,
    lastName: undefined,
    isLone: false,
    ahead: false,
    sums: 0,
  } as const;
  peer.listen({
    message: (number, message) => {
      if (number === lane.control && decodeControl(message).kind === "ends") {
        peer.send(lane.request, encodeRequest({ kind: "walk", ...walk }));
        if (wanted) peer.send(lane.request, encodeRequest({ kind: "digests", wanted }));
      }
      if (number !== lane.listing) return;
      const heard = decodeListingMessage(message);
      if (heard.kind === "directory") {
        const { path, digests } = decodeDirectory(heard.body, new Directory());
        records.set(String(path), digests);
      }
      if (heard.kind === "walked") {
        peer.send(lane.control, encodeControl({ kind: "ended", exit: 0 }));
      }
    },
    drained: () => undefined,
    closed: isClosed,
  });
  assert.equal((await within(agent, 10_000)).exit, 0);
  await within(closed, 10_000);
  return records;
}
