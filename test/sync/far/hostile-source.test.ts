// Pins what a target does about a source's end that says what no good one would say: nothing outside of the
// target changes, the run ends at once with a named error, or tells of the one file, and leaves no debris.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { deflateRawSync } from "node:zlib";
import { CborWriter } from "../../../src/changeset/index.ts";
import {
  encodeContentHead,
  encodeListingHead,
  lane,
  type OpenPeer,
} from "../../../src/session/index.ts";
import { typeDirectory, typeRegular, typeSymlink } from "../../../src/tree/index.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../../support/index.ts";
import {
  body,
  content,
  directory,
  type Entry,
  file,
  honestFile,
  list,
  playSource,
  type Script,
  type ScriptedEnd,
  sayDirectories,
  sayEnds,
  sayTree,
  sayWalked,
} from "./scripted-source.ts";

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

/** A target with a way out of it, and what lies outside. */
function jail(folder: TemporaryFolder): void {
  mkdirSync(folder.at("outside/full"), { recursive: true });
  writeFileSync(folder.at("outside/full/canary"), "canary");
  mkdirSync(folder.at("target"));
  writeFileSync(folder.at("target/basis"), "old basis");
  symlinkSync("../outside", folder.at("target/out"));
}

async function play(folder: TemporaryFolder, script: Script): Promise<ScriptedEnd> {
  const outside = readTree(folder.at("outside"));
  const end = await playSource(folder.at("target"), script);
  assertSameTree(outside, folder.at("outside"));
  assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
  return end;
}

/** The top's record with these entries. */
const lists = (...entries: readonly Entry[]): Script => ({
  walk: (peer) => sayTree(peer, body(entries)),
});
const record = (...given: Parameters<typeof body>): Script => ({
  walk: (peer) => sayTree(peer, body(...given)),
});
const says = (number: 0 | 1 | 2 | 3 | 4, message: Uint8Array): Script => ({
  walk: (peer) => peer.send(number, message),
});

function raw(write: (writer: CborWriter) => void): Uint8Array {
  const writer = new CborWriter();
  write(writer);
  return writer.written.slice();
}

function flood(peer: OpenPeer, count: number, message: (n: number) => Uint8Array): void {
  for (let n = 0; n < count; n++) peer.send(lane.listing, message(n));
}

const huge = 2 ** 52;
const dir = typeDirectory | 0o755;

/** Each ends the run with exit 12 and this error. */
const refused: Readonly<Record<string, readonly [Script, RegExp]>> = {
  "an absolute name": [lists({ name: "/etc/passwd" }), /name with a slash/],
  "the name ..": [lists({ name: ".." }), /name "\.\."/],
  "a name with a slash": [lists({ name: "out/full" }), /name with a slash/],
  "the name . in the top": [lists({ name: ".", mode: dir }), /is not one of its entries/],
  "an empty name": [lists({ name: "" }), /empty name/],
  "a name of 1 MB": [lists({ name: "n".repeat(1e6) }), /name of 1000000 bytes, the limit is 255/],
  "the state directory's name": [lists({ name: ".manifold", mode: dir }), /manifold's own/],
  "the same in capitals": [lists({ name: ".MANIFOLD", mode: dir }), /manifold's own/],
  "an entry twice": [lists({ name: "a" }, { name: "a" }), /order|twice/],
  "a link and a directory of one name": [
    lists({ name: "d", mode: typeSymlink | 0o777, link: "../outside" }, { name: "d", mode: dir }),
    /twice|order|same name/,
  ],
  "entries out of order": [lists({ name: "b" }, { name: "a" }), /order/],
  "a link without a target": [lists({ name: "l", mode: typeSymlink | 0o777 }), /target/],
  "a link with a target of 5000 bytes": [
    lists({ name: "l", mode: typeSymlink | 0o777, link: "t".repeat(5000) }),
    /target/,
  ],
  "a mode of no type": [lists({ name: "a", mode: 0o644 }), /mode|type/],
  "a size below 0": [lists({ name: "a", size: -1 }), /size/],
  "a size of 2^60": [lists({ name: "a", size: 2 ** 60 }), /size/],
  "a path outside": [record([], { path: "../outside", top: "../outside" }), /path|name/],
  "an absolute path": [record([], { path: "/etc", top: "" }), /path|name/],
  "another directory's path": [record([], { path: "d/e", top: "" }), /in the place of/],
  "a top that is not above": [record([], { top: "elsewhere" }), /top/],
  "absent names that nobody asked for": [record([], { absent: ["basis"] }), /nobody asked for/],
  "an absent name outside": [
    {
      ...record([], { absent: ["../outside/full"] }),
      options: ["--delete-missing-args", "--force"],
    },
    /it is no name/,
  ],
  "an absent name with a null byte": [
    { ...record([], { absent: ["basis\0"] }), options: ["--delete-missing-args"] },
    /it is no name/,
  ],
  "attributes of the top that are a link's": [
    record([], { self: list([{ name: ".", mode: typeSymlink | 0o777, link: "x" }]) }),
    /self/,
  ],
  "attributes of the top under a name": [
    record([], { self: list([{ name: "d", mode: dir }]) }),
    /self/,
  ],
  "an absurd count of parts": [
    says(
      lane.listing,
      directory(
        raw((w) => {
          w.array(8);
          w.byteString("");
          w.byteString("");
          w.bool(true);
          w.array(0xffff_fff0);
        }),
        { directory: 0, parent: 0, index: 0 },
      ),
    ),
    /parts/,
  ],
  "a directory that is no record": [
    says(lane.listing, directory(Buffer.from("garbage"), { directory: 0, parent: 0, index: 0 })),
    /directory that breaks the protocol/,
  ],
  "a listing message that is none": [says(lane.listing, Buffer.from("garbage")), /listing/],
  "a directory twice": [
    {
      walk: (peer) => {
        for (let n = 0; n < 2; n++)
          peer.send(lane.listing, directory(body([]), { directory: 1, parent: 7, index: 0 }));
      },
    },
    /directory out of turn/,
  ],
  "endless directories": [
    {
      walk: (peer) =>
        flood(peer, 5000, (n) =>
          directory(body([]), { directory: n + 1, parent: n + 9, index: 3 }),
        ),
    },
    /more directories than were taken/,
  ],
  "endless closed directories": [
    {
      walk: (peer) =>
        flood(peer, 5000, (n) =>
          encodeListingHead({ kind: "closed", walk: 1, parent: 9, index: n }),
        ),
    },
    /more directories than were taken/,
  ],
  "content that nobody asked for": [
    says(lane.content, content(77, [file(0, "x")])),
    /nobody asked for/,
  ],
  "content that is none": [says(lane.content, Buffer.from("garbage")), /content/],
  "listings before the walk": [
    {
      begin: (peer) =>
        flood(peer, 200, () => directory(body([]), { directory: 0, parent: 0, index: 0 })),
    },
    /lane 3 that nobody asked for/,
  ],
  "requests to a target": [
    {
      begin: (peer) => {
        sayEnds(peer);
        for (let n = 0; n < 200; n++) peer.send(lane.request, Buffer.from([1]));
      },
    },
    /lane 2 that nobody asked for/,
  ],
  "what its arguments bring, twice": [
    { walk: (peer) => sayEnds(peer) },
    /ends message out of turn|out of turn/,
  ],
};

/** Each answer to a wish for content ends the run with exit 12. */
const badAnswers: Readonly<Record<string, readonly [NonNullable<Script["answer"]>, RegExp]>> = {
  "an answer with the same file twice": [
    (peer, { id, rows: [row = 0] }) =>
      peer.send(lane.content, content(id, [file(row, "1"), file(row, "2")])),
    /twice/,
  ],
  "an answer that is not that of its digest": [
    (peer, { id, rows }) =>
      peer.send(lane.content, content(id, rows.map(honestFile), { digest: new Uint8Array(32) })),
    /digest does not fit/,
  ],
  "an answer with bytes of no file": [
    (peer, { id, rows: [row = 0] }) => {
      const bytes = Buffer.from("more than one");
      peer.send(lane.content, content(id, [{ ...file(row, "1"), bytes }]));
    },
    /bytes are of none of them/,
  ],
  "an answer with fewer bytes than its files have": [
    (peer, { id, rows: [row = 0] }) => {
      const bytes = new Uint8Array(0);
      peer.send(lane.content, content(id, [{ ...file(row, "1"), bytes }]));
    },
    /more bytes than came/,
  ],
  "an answer that comes twice": [
    (peer, { id, rows }) => {
      for (let n = 0; n < 2; n++) peer.send(lane.content, content(id, rows.map(honestFile)));
    },
    /nobody asked for/,
  ],
};

/** Each leaves the one file out, tells of it, and ends with exit 23. */
const damagedFiles: Readonly<Record<string, (row: number) => ReturnType<typeof file>[]>> = {
  "another digest": (row) => [file(row, "content", { digest: Buffer.alloc(32) })],
  "fewer bytes than announced": (row) => [file(row, "content", { size: 400 })],
  "more bytes than announced": (row) => [file(row, "content", { size: 3 })],
  "blocks behind the end of the basis": (row) => [
    file(row, "content", { size: 400, segments: [{ kind: "basis", offset: 9000, length: 400 }] }),
  ],
  "blocks of absurd length": (row) => [
    file(row, "content", { size: huge, segments: [{ kind: "basis", offset: 0, length: huge }] }),
  ],
  "blocks whose lengths overflow": (row) => [
    file(row, "content", {
      size: 9,
      segments: [0, 1, 2].map(() => ({
        kind: "basis",
        offset: huge,
        length: Number.MAX_SAFE_INTEGER,
      })),
    }),
  ],
  "the word that it is the same": (row) => [
    { file: { row, kind: "same", number: 0 }, bytes: new Uint8Array(0) },
  ],
  nothing: () => [],
  "another file": (row) => [file(row + 1000, "content")],
};

/** Content that is compressed, and says that it is so long. */
function bomb(id: number, saidLength: number, realLength: number): Uint8Array {
  const packed = deflateRawSync(Buffer.alloc(realLength));
  const sent = raw((writer) => {
    writer.array(4);
    writer.int(saidLength);
    writer.bytes(new Uint8Array(32));
    writer.bytes(Uint8Array.of(0x80));
    writer.bytes(packed);
  });
  return Buffer.concat([encodeContentHead(id, sent.length), sent]);
}

const mebi = 1024 * 1024;

describe("a target whose source sends", () => {
  for (const [said, real] of [
    [10, 200 * mebi],
    [2 ** 40, 10],
    [100 * mebi, 10],
  ] as const) {
    it(`compressed content of ${real} bytes that says ${said}: takes no memory for it`, async () => {
      using folder = temporaryFolder();
      jail(folder);
      const answer: Script["answer"] = (peer, { id }) =>
        peer.send(lane.content, bomb(id, said, real));
      const before = process.memoryUsage.rss();
      const { agent, told } = await play(folder, { answer });
      assert.equal(agent.exit, 12, told);
      assert.match(told, /^protocol-data: .*content/);
      assert.ok(process.memoryUsage.rss() - before < 400 * mebi);
    });
  }

  for (const [what, [script, error]] of Object.entries(refused)) {
    it(`${what}: ends with protocol-data`, async () => {
      using folder = temporaryFolder();
      jail(folder);
      const target = readTree(folder.at("target"));
      const { agent, told } = await play(folder, script);
      assert.equal(agent.exit, 12, told);
      assert.match(told, /^protocol-data: /);
      assert.match(told, error);
      rmSync(folder.at("target/a"), { force: true });
      assertSameTree(target, folder.at("target"), { ignore: ["mtimeNs"] });
    });
  }

  for (const [what, [answer, error]] of Object.entries(badAnswers)) {
    it(`${what}: ends with protocol-data`, async () => {
      using folder = temporaryFolder();
      jail(folder);
      const { agent, told } = await play(folder, { answer });
      assert.equal(agent.exit, 12, told);
      assert.match(told, error);
    });
  }

  for (const [what, answer] of Object.entries(damagedFiles)) {
    it(`as a file's content ${what}: leaves what was there, and tells`, async () => {
      using folder = temporaryFolder();
      jail(folder);
      writeFileSync(folder.at("target/basis"), "old basis of another length");
      const script: Script = {
        answer: (peer, { id, rows }) =>
          peer.send(
            lane.content,
            content(
              id,
              rows.flatMap((row) => (row === 1 ? answer(row) : [honestFile(row)])),
            ),
          ),
      };
      const { told, problems } = await play(folder, script);
      assert.equal(told, "exit 23");
      assert.equal(problems.length, 1, JSON.stringify(problems));
      assert.equal(
        readFileSync(folder.at("target/basis"), "latin1"),
        "old basis of another length",
      );
      assert.equal(readFileSync(folder.at("target/a"), "latin1"), "content of a");
      // The next run, with a good source's end, does the rest.
      assert.equal((await play(folder, {})).told, "exit 0");
      assert.equal(readFileSync(folder.at("target/basis"), "latin1"), "new basis");
    });
  }

  it("a name that another program's terminal would obey: is made, and nothing is lost", async () => {
    using folder = temporaryFolder();
    jail(folder);
    const name = "\x1b[31m\x9b\r\n";
    const { told } = await play(folder, {
      ...lists({ name, mode: typeRegular | 0o644, size: 3, mtime: -(2 ** 40) }),
      answer: (peer, { id }) =>
        peer.send(lane.content, content(id, [file(0, "odd", { mtime: -(2 ** 40) })])),
    });
    assert.match(told, /^exit (0|23)$/);
  });

  it("the word that all of its files are what nobody has: leaves out what the target lacks, and tells", async () => {
    using folder = temporaryFolder();
    jail(folder);
    const { agent, problems } = await play(folder, {
      answer: (peer, { id }) => {
        const same = { first: 0, bits: Buffer.alloc(8192, 0xff) };
        peer.send(lane.content, content(id, [], { same }));
      },
    });
    assert.equal(agent.exit, 23);
    assert.equal(problems.length, 1);
    assert.ok(!existsSync(folder.at("target/a")));
  });

  it("a problem with the end of its walk: tells of it, and does not end as if all was well", async () => {
    using folder = temporaryFolder();
    jail(folder);
    const problem = { type: "problem", path: "d", role: "source", operation: "open" } as const;
    const { told, problems } = await play(folder, {
      walk: (peer) => {
        sayDirectories(peer);
        sayWalked(peer, [{ ...problem, errno: 13, exit: 23 }]);
      },
    });
    assert.equal(told, "exit 23");
    assert.equal(problems.length, 1);
  });

  it("nothing more, and closes: ends with an error, and leaves no debris", async () => {
    using folder = temporaryFolder();
    jail(folder);
    for (const script of [
      { begin: () => undefined, cuts: true },
      { cuts: true, walk: () => undefined },
    ]) {
      const { agent } = await play(folder, script);
      assert.equal(agent.exit, 12);
    }
  });
});
