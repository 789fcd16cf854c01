// Content that comes with directories, for a target that is empty: the tree is the same whatever of it comes in
// that way, and a source's end that sends what no good one would send is refused.

import assert from "node:assert/strict";
import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { createDigest, digestOf } from "../../../src/hash/index.ts";
import type { Puller, WireEntry } from "../../../src/rsync/index.ts";
import {
  decodeRequest,
  encodeAhead,
  encodeContent,
  encodeContentHead,
  encodeListingHead,
  lane,
  type OpenPeer,
  Slabs,
} from "../../../src/session/index.ts";
import { aheadNumber } from "../../../src/sync/far/carriers.ts";
import type { PulledDirectory } from "../../../src/sync/far/pulled-directory.ts";
import { RsyncAhead } from "../../../src/sync/far/rsync-ahead.ts";
import { openAhead } from "../../../src/sync/lane/arrived-content.ts";
import type { Channel } from "../../../src/transport/index.ts";
import { typeDirectory, typeRegular } from "../../../src/tree/index.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../../support/index.ts";
import { runFar } from "./far-rig.ts";
import { body, directory, playSource, sayWalked } from "./scripted-source.ts";

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

/** What comes with its directory, what is too much for that, and what has to be asked for in the middle of it. */
function makeSource(folder: TemporaryFolder, isLinked: boolean): void {
  mkdirSync(folder.at("source/a/b/c"), { recursive: true });
  mkdirSync(folder.at("source/empty"));
  for (let n = 0; n < 40; n++) writeFileSync(folder.at(`source/a/${n}`), "x".repeat(n * 3));
  writeFileSync(folder.at("source/a/b/c/deep"), "deep");
  symlinkSync("b", folder.at("source/a/link"));
  mkdirSync(folder.at("source/many"));
  for (let n = 0; n < 4; n++) writeFileSync(folder.at(`source/many/${n}`), Buffer.alloc(25e5, n));
  mkdirSync(folder.at("source/mixed"));
  for (const name of ["1", "2", "4", "5"]) writeFileSync(folder.at(`source/mixed/${name}`), name);
  writeFileSync(folder.at("source/mixed/3"), Buffer.alloc(4_200_000, 3));
  mkdirSync(folder.at("source/linked"));
  for (const name of ["p", "q", "s"]) writeFileSync(folder.at(`source/linked/${name}`), name);
  if (isLinked) linkSync(folder.at("source/linked/q"), folder.at("source/linked/r"));
  writeFileSync(folder.at("source/top"), "top");
}

/** Counts the fetches that the target's end sends. */
function fetches(): { readonly wrap: (channel: Channel) => Channel; count: number } {
  const counter = {
    count: 0,
    wrap: (channel: Channel): Channel => {
      const send = channel.send.bind(channel);
      channel.send = (bytes, left) => {
        counter.count += fetchesIn(bytes);
        send(bytes, left);
      };
      return channel;
    },
  };
  return counter;
}

/** Whole frames of the request lane, as they are gathered. */
function fetchesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const [kind = 0, low = 0, middle = 0, high = 0] = bytes.subarray(at, at + 4);
    const length = low + middle * 0x100 + high * 0x10000;
    const begin = at + (kind & 0x10 ? 8 : 4);
    // Behind the message stand four bytes of checksum.
    const message = bytes.subarray(begin, begin + length - 4);
    if ((kind & 0x0f) === lane.request && kind < 0x40 && message.length > 0) {
      if (decodeRequest(message).kind === "fetch") count++;
    }
    at = begin + length;
  }
  return count;
}

describe("a pull into an empty target", () => {
  for (const [what, options, asked] of [
    ["asks for what is too large, and what stands behind it", [], 4],
    ["leaves names of one file to their turn", ["-H"], 6],
    ["keeps the order of what it tells", ["-i"], 4],
    ["asks for everything when there are limits to what is wanted", ["--max-size=5m"], 12],
    ["tells the same of totals", ["--info=stats2"], 4],
  ] as const) {
    it(`${[what, ...options].join(" ")}`, async () => {
      using folder = temporaryFolder();
      makeSource(folder, what.includes("names of one file"));
      const counted = fetches();
      const argv = ["-a", ...options, `host:${folder.at("source")}/`, `${folder.at("target")}/`];
      const { client, agent, events } = await runFar(argv, { client: counted.wrap });
      assert.deepEqual([client.exit, agent.exit], [0, 0]);
      assertSameTree(readTree(folder.at("source")), folder.at("target"));
      assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
      const paths = events.flatMap((event) => (event.type === "item" ? [event.path] : []));
      if (options[0] === "-i")
        assert.deepEqual(
          paths.filter((path) => path.startsWith("mixed/")),
          ["mixed/1", "mixed/2", "mixed/3", "mixed/4", "mixed/5"],
        );
      assert.ok(counted.count <= asked, `${counted.count} fetches`);
    });
  }
});

it("a pull of parents that are implied, and taken as the target has them, makes them", async () => {
  using folder = temporaryFolder();
  makeSource(folder, false);
  const place = `host:${folder.at("source")}/./a/b/c`;
  const { client } = await runFar(["-aR", "--no-implied-dirs", place, `${folder.at("target")}/`]);
  assert.equal(client.exit, 0);
  assert.equal(readFileSync(folder.at("target/a/b/c/deep"), "utf8"), "deep");
  assert.equal(existsSync(folder.at("target/a/link")), false);
});

const size = 5;
const dir = typeDirectory | 0o755;

/** Says the top, with a file and a directory, and content that is to be that of the file. */
function sayAhead(
  peer: OpenPeer,
  { to = 1, text = "hello", id = aheadNumber(0), spoils = false } = {},
): void {
  const record = body([
    { name: "file", size },
    { name: "sub", mode: dir },
  ]);
  const at = { kind: "directory", walk: 1, directory: 0, parent: 0, index: 0 } as const;
  const head = encodeListingHead({ ...at, ahead: aheadNumber(0), bodyBytes: record.length });
  peer.send(lane.listing, head, record);
  const [records, bytes] = [encodeAhead(to).slice(), Buffer.from(text)];
  const hash = createDigest("blake3");
  hash.update(records);
  hash.update(bytes);
  const digest = spoils ? new Uint8Array(32) : hash.digest();
  const content = Buffer.concat(encodeContent({ digest, records, bytes }, false));
  peer.send(lane.content, encodeContentHead(id, content.length), content);
}

const sub = (peer: OpenPeer): void =>
  peer.send(
    lane.listing,
    directory(body([], { path: "sub" }), { directory: 1, parent: 0, index: 0 }),
  );

/** Each ends the run with exit 12 and this error. */
const refused: Readonly<Record<string, readonly [(peer: OpenPeer) => void, RegExp]>> = {
  "fewer bytes than the files have": [
    (peer) => sayAhead(peer, { text: "hell" }),
    /4 bytes for files of 5/,
  ],
  "more bytes than the files have": [
    (peer) => sayAhead(peer, { text: "hello!" }),
    /6 bytes for files of 5/,
  ],
  "content of more rows than there are": [(peer) => sayAhead(peer, { to: 3 }), /rows/],
  "content of all rows, an absurd count": [(peer) => sayAhead(peer, { to: 2 ** 40 }), /rows/],
  "another digest": [(peer) => sayAhead(peer, { spoils: true }), /digest does not fit/],
  "content under another number": [(peer) => sayAhead(peer, { id: 5 }), /nobody asked for/],
  "a directory with content twice": [
    (peer) => {
      sayAhead(peer, { id: 0 });
      sayAhead(peer);
    },
    /content/,
  ],
  "nothing for a directory that is new": [
    (peer) => {
      sayAhead(peer);
      peer.send(lane.listing, encodeListingHead({ kind: "closed", walk: 1, parent: 0, index: 0 }));
    },
    /nothing for a directory that is new/,
  ],
};

describe("an empty target whose source sends", () => {
  it("what is right: has it", async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("target"));
    const walk = (peer: OpenPeer): void => {
      sayAhead(peer);
      sub(peer);
      sayWalked(peer);
    };
    const { agent, told } = await playSource(folder.at("target"), { walk });
    assert.equal(agent.exit, 0, told);
    assert.equal(readFileSync(folder.at("target/file")).length, size);
    assert.equal(existsSync(folder.at("target/sub")), true);
  });

  for (const [what, [walk, error]] of Object.entries(refused)) {
    it(`${what}: ends with protocol-data`, async () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("target"));
      const { agent, told } = await playSource(folder.at("target"), { walk });
      assert.equal(agent.exit, 12, told);
      assert.match(told, /^protocol-data: /);
      assert.match(told, error);
      assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
      assert.equal(existsSync(folder.at("target/sub")), false);
    });
  }

  it("content with a directory of a target that has something: ends with protocol-data", async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("target"));
    writeFileSync(folder.at("target/mine"), "mine");
    const { agent, told } = await playSource(folder.at("target"), { walk: sayAhead });
    assert.equal(agent.exit, 12, told);
    assert.match(told, /content out of turn/);
  });
});

describe("content that rsync's protocol brings with a directory", () => {
  const contents = ["first", "", "second", "third"];
  const entries = contents.map((text, i) => ({
    name: `${i}`,
    size: text.length,
    mode: typeRegular,
  }));
  /** What is answered for the file "second", and how many bytes of all files are taken. */
  const answers: Readonly<Record<string, readonly [string | undefined, wrong: boolean, number]>> = {
    "all of it": ["second", false, 16],
    "a longer file": ["second!", false, 5],
    "a shorter file": ["secon", false, 5],
    "another checksum": ["second", true, 5],
    "no file": [undefined, false, 5],
  };
  for (const [what, [text, isWrong, taken]] of Object.entries(answers)) {
    it(`goes up to ${what}`, async () => {
      const asked: number[] = [];
      const puller = {
        terms: { checksums: { name: "md5" } },
        out: { request: (index: number) => asked.push(index) },
      } as unknown as Puller;
      const ahead = new RsyncAhead(() => puller, new Slabs());
      const directory = {
        path: "",
        entries: entries as unknown as WireEntry[],
        indices: Uint32Array.of(3, 4, 5, 6),
      } as unknown as PulledDirectory;
      const came = new Promise<Uint8Array>((resolve) =>
        ahead.fetch(directory, (content) => resolve(content?.content ?? new Uint8Array(0))),
      );
      assert.deepEqual(asked, [3, 5, 6], "what is empty need not be asked for");
      for (const index of asked) {
        const said = index === 5 ? text : contents[index - 3];
        if (said === undefined) assert.equal(ahead.noSend(index), true);
        else {
          const sink = ahead.answer(index);
          sink?.literal(Buffer.from(said));
          sink?.end(digestOf("md5", Buffer.from(isWrong && index === 5 ? "else" : said)));
        }
        assert.equal(ahead.answer(index), undefined, "once");
      }
      const sizeOf = (row: number): number => entries[row]?.size ?? -1;
      const opened = openAhead(await came, { count: entries.length, sizeOf }, "md5");
      const bytes = contents.join("").slice(0, taken);
      assert.equal(Buffer.from(opened.bytes).toString(), bytes);
      assert.equal(opened.to, taken > 5 ? entries.length : 2);
    });
  }
});
