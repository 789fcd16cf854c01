// Pins what a source does about a target's end that asks for what no good one would ask: it gives nothing away
// but what the user named, ends with a named error or tells of the one file, and its memory stays within its windows.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../../src/base/index.ts";
import { CborWriter } from "../../../src/changeset/index.ts";
import {
  askedDigestBytes,
  decodeContent,
  decodeControl,
  encodeControl,
  encodeRequest,
  encodeWanted,
  lane,
  type OpenPeer,
  openSession,
  type RequestMessage,
} from "../../../src/session/index.ts";
import { sessionWords } from "../../../src/sync/far/session-words.ts";
import { runAgent } from "../../../src/sync/index.ts";
import { memoryChannels } from "../../../src/transport/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/index.ts";
import {
  farOptions,
  type Outcome,
  outcomeOf,
  startMessage,
  surroundings,
  within,
} from "./far-rig.ts";

const secret = "what lies outside is nobody's business";
const memoryBytesMax = 400 * 1024 * 1024;

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

/** A source in whose top the rows are: fifo 0, file 1, large 2, link 3, and then the directory d 4. */
function makeSource(folder: TemporaryFolder): void {
  mkdirSync(folder.at("source/d"), { recursive: true });
  mkdirSync(folder.at("outside"));
  writeFileSync(folder.at("outside/secret"), secret);
  spawnSync("mkfifo", [folder.at("source/fifo")]);
  writeFileSync(folder.at("source/file"), "content");
  writeFileSync(folder.at("source/large"), Buffer.alloc(2 * 1024 * 1024, "large"));
  symlinkSync("../outside/secret", folder.at("source/link"));
}

const rows = { fifo: 0, file: 1, large: 2, link: 3, d: 4 } as const;

interface Asked {
  readonly agent: Outcome;
  readonly told: string;
  /** All content that came, as text. */
  readonly content: string;
  readonly answers: number;
}

interface Script {
  /** Said when the source has told what it has. */
  readonly begin: (peer: OpenPeer) => void;
  /** Said when the top has come. */
  readonly top?: (peer: OpenPeer) => void;
  /** The conversation is over after so many answers, or directories. */
  readonly answers?: number;
  /** More options of the pull. */
  readonly options?: readonly string[];
}

/** Pulls from an agent under test. */
async function ask(source: string, script: Script): Promise<Asked> {
  const [near, far] = memoryChannels("far");
  const agent = outcomeOf(runAgent(far, surroundings()));
  const peer = await openSession(near, { ...sessionWords, side: "initiator", clock: systemClock });
  peer.send(
    lane.control,
    startMessage(
      farOptions(["-a", "-D", ...(script.options ?? []), `host:${source}/`, "/nowhere"]),
    ),
  );
  let told = "nothing";
  let content = "";
  let answers = 0;
  let isClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (isClosed = resolve));
  const end = (): void => peer.send(lane.control, encodeControl({ kind: "ended", exit: 0 }));
  let isBegun = false;
  peer.listen({
    message: (number, message) => {
      if (number === lane.control) {
        const said = decodeControl(message);
        if (said.kind === "ends") script.begin(peer);
        if (said.kind === "failed") told = `${said.code}: ${said.message}`;
      } else if (number === lane.listing && !isBegun) {
        isBegun = true;
        script.top?.(peer);
        if (script.top === undefined) end();
      } else if (number === lane.content) {
        content += Buffer.from(decodeContent(message).body).toString("latin1");
        if (++answers === script.answers) end();
      }
    },
    drained: () => undefined,
    closed: isClosed,
  });
  const outcome = await within(agent, 10_000);
  await within(closed, 10_000);
  return { agent: outcome, told, content, answers };
}

const request = (peer: OpenPeer, message: RequestMessage): void =>
  peer.send(lane.request, encodeRequest(message));
const walk = (peer: OpenPeer, more: Partial<RequestMessage & { kind: "walk" }> = {}): void =>
  request(peer, {
    kind: "walk",
    walk: 1,
    quiet: false,
    lastName: undefined,
    isLone: false,
    ahead: false,
    sums: 0,
    ...more,
  });
const wish = (row: number): Uint8Array =>
  encodeWanted([
    { row, digest: undefined, known: [], signature: undefined, inPlace: false, piece: undefined },
  ]);
/** A question about so many rows, with digests for the first ones. */
const question = (digests: number, count: number): Uint8Array => {
  const bits = Uint8Array.of((1 << count) - 1);
  return encodeWanted([], { first: 0, bits, digests: new Uint8Array(digests * askedDigestBytes) });
};
const piece = (position: number, length: number): Uint8Array =>
  encodeWanted([
    {
      row: rows.file,
      digest: undefined,
      known: [],
      signature: undefined,
      inPlace: false,
      piece: { position, length },
    },
  ]);
const fetch = (peer: OpenPeer, body: Uint8Array, id = 0, directory = 0): void =>
  request(peer, { kind: "fetch", id, directory, bytes: 1000, body, signature: undefined });

const remove = (peer: OpenPeer, which: readonly number[], directory = 0): void =>
  request(peer, {
    ...{ kind: "remove", id: 0, directory, rows: which, machine: undefined },
    copies: which.map(() => ({
      ...{ devMajor: 0, devMinor: 0, inoHigh: 0, inoLow: 0, ctime: 0, ctimeNanos: 0 },
    })),
  });

function raw(write: (writer: CborWriter) => void): Uint8Array {
  const writer = new CborWriter();
  write(writer);
  return writer.written.slice();
}

/** Wishes of one row with this signature. */
function signed(
  fileLength: number,
  blockLength: number,
  strongLength: number,
  weakBytes: number,
): Uint8Array {
  return raw((writer) => {
    writer.array(1);
    writer.array(1);
    writer.array(4);
    writer.int(rows.file);
    writer.null();
    writer.array(5);
    for (const value of [fileLength, blockLength, strongLength]) writer.int(value);
    writer.bytes(new Uint8Array(weakBytes));
    writer.bytes(new Uint8Array(8));
    writer.bool(false);
  });
}

/** Each ends the run with exit 12 and this error. */
const refused: Readonly<Record<string, readonly [Script, RegExp]>> = {
  "content of a directory that was not sent": [
    { begin: (peer) => fetch(peer, wish(0), 0, 99) },
    /directory 99/,
  ],
  "a record that was sent": [
    { begin: walk, top: (peer) => request(peer, { kind: "list", directory: 0 }) },
    /directory that it has/,
  ],
  "the record of a directory that was not sent": [
    { begin: (peer) => request(peer, { kind: "list", directory: 99 }) },
    /directory that it has/,
  ],
  "content of a row that is not there": [
    { begin: walk, top: (peer) => fetch(peer, wish(5)) },
    /row/,
  ],
  "wishes that are none": [
    { begin: walk, top: (peer) => fetch(peer, Buffer.from("garbage")) },
    /request that breaks/,
  ],
  "a question about rows that are not there": [
    { begin: walk, top: (peer) => fetch(peer, question(8, 8)) },
    /rows/,
  ],
  "a question with fewer digests than rows": [
    { begin: walk, top: (peer) => fetch(peer, question(1, 2)) },
    /digests/,
  ],
  "an absurd count of wishes": [
    { begin: walk, top: (peer) => fetch(peer, Buffer.from("819affffffff", "hex")) },
    /files/,
  ],
  "blocks of length 0": [
    { begin: walk, top: (peer) => fetch(peer, signed(100, 0, 8, 4)) },
    /block length/,
  ],
  "blocks of absurd length": [
    { begin: walk, top: (peer) => fetch(peer, signed(100, 2 ** 31, 8, 4)) },
    /block length/,
  ],
  "fewer sums than blocks": [
    { begin: walk, top: (peer) => fetch(peer, signed(2 ** 40, 700, 8, 4)) },
    /weak sums/,
  ],
  "sums longer than any": [
    { begin: walk, top: (peer) => fetch(peer, signed(100, 700, 65, 4)) },
    /strong length/,
  ],
  "a request that is none": [
    { begin: (peer) => peer.send(lane.request, Buffer.from("garbage")) },
    /request/,
  ],
  "walk upon walk": [
    {
      begin: (peer) => {
        for (let n = 1; n < 9; n++) walk(peer, { walk: n });
      },
    },
    /a walk during others/,
  ],
  "endless wishes": [
    {
      begin: walk,
      top: (peer) => {
        for (let n = 0; n < 20_000; n++) fetch(peer, wish(rows.file), n);
      },
    },
    /more wishes than may be under way/,
  ],
  "a piece of absurd length": [
    { begin: walk, top: (peer) => fetch(peer, piece(0, 2 ** 40)) },
    /length at .*limit/,
  ],
  "pieces matched with what was not sent": [
    {
      begin: walk,
      top: (peer) => {
        const body = piece(0, 10);
        request(peer, { kind: "fetch", id: 0, directory: 0, bytes: 10, body, signature: 3 });
      },
    },
    /signature 3/,
  ],
  "pieces matched with garbage": [
    {
      begin: walk,
      top: (peer) => {
        request(peer, { kind: "signature", id: 3, body: Buffer.from("garbage") });
        const body = piece(0, 10);
        request(peer, { kind: "fetch", id: 0, directory: 0, bytes: 10, body, signature: 3 });
      },
    },
    /signature that breaks/,
  ],
  "endless signatures": [
    {
      begin: (peer) => {
        const body = new Uint8Array(1);
        for (let id = 0; id < 100; id++) request(peer, { kind: "signature", id, body });
      },
    },
    /more signatures/,
  ],
  "a second start": [
    { begin: (peer) => peer.send(lane.control, startMessage(farOptions(["-a", "host:/", "/x"]))) },
    /start/,
  ],
  "news, which are for clients": [
    {
      begin: (peer) => {
        for (let n = 0; n < 200; n++) peer.send(lane.news, Buffer.from([1]));
      },
    },
    /lane 1 that nobody asked for/,
  ],
  "listings of its own": [
    {
      begin: (peer) => {
        for (let n = 0; n < 200; n++) peer.send(lane.listing, Buffer.from([1]));
      },
    },
    /lane 3 that nobody asked for/,
  ],
};

describe("a source whose target asks for", () => {
  for (const [what, [script, error]] of Object.entries(refused)) {
    it(`${what}: ends with protocol-data`, async () => {
      using folder = temporaryFolder();
      makeSource(folder);
      const { agent, told, content } = await ask(folder.at("source"), script);
      assert.equal(agent.exit, 12, told);
      assert.match(told, /^protocol-data: /);
      assert.match(told, error);
      assert.ok(!content.includes(secret));
    });
  }

  for (const row of [rows.fifo, rows.link, rows.d]) {
    it(`the content of what is no file (row ${row}): gets an error in its place`, async () => {
      using folder = temporaryFolder();
      makeSource(folder);
      const top = (peer: OpenPeer): void => fetch(peer, wish(row));
      const { agent, content, answers } = await ask(folder.at("source"), {
        begin: walk,
        top,
        answers: 1,
      });
      assert.equal(agent.error, undefined);
      assert.equal(answers, 1);
      assert.ok(!content.includes(secret));
      assert.ok(content.length < 100);
    });
  }

  it("a file that has become a link out of the source: gets an error in its place", async () => {
    using folder = temporaryFolder();
    makeSource(folder);
    const top = (peer: OpenPeer): void => {
      rmSync(folder.at("source/file"));
      symlinkSync("../outside/secret", folder.at("source/file"));
      fetch(peer, wish(rows.file));
    };
    const { content, answers } = await ask(folder.at("source"), { begin: walk, top, answers: 1 });
    assert.equal(answers, 1);
    assert.ok(!content.includes(secret));
  });

  it("another name for the one entry that is none: gives nothing away", async () => {
    for (const lastName of ["..", "../outside/secret", "/etc/passwd", ""]) {
      using folder = temporaryFolder();
      makeSource(folder);
      const { agent, content } = await ask(folder.at("source"), {
        begin: (peer) => walk(peer, { lastName }),
      });
      assert.ok(agent.error === undefined || agent.exit > 0);
      assert.ok(!content.includes(secret));
    }
  });

  it("absurd acknowledgements: goes on", async () => {
    using folder = temporaryFolder();
    makeSource(folder);
    const begin = (peer: OpenPeer): void => {
      request(peer, {
        kind: "taken",
        directories: Number.MAX_SAFE_INTEGER,
        bytes: Number.MAX_SAFE_INTEGER,
      });
      request(peer, { kind: "release", directories: [0, 1, Number.MAX_SAFE_INTEGER] });
      walk(peer);
    };
    assert.equal((await ask(folder.at("source"), { begin })).agent.exit, 0);
  });

  it("much, and takes nothing of it: keeps its memory within the window", async () => {
    using folder = temporaryFolder();
    makeSource(folder);
    const before = process.memoryUsage.rss();
    let grown = 0;
    const top = (peer: OpenPeer): void => {
      for (let n = 0; n < 1000; n++) fetch(peer, wish(rows.large), n);
      peer.pause();
      let turns = 0;
      const look = (): void => {
        grown = Math.max(grown, process.memoryUsage.rss() - before);
        if (++turns < 1000) setImmediate(look);
        else {
          peer.resume();
          peer.destroy();
        }
      };
      look();
    };
    const { agent } = await ask(folder.at("source"), { begin: walk, top });
    assert.equal(agent.exit, 12);
    assert.ok(grown < memoryBytesMax, `memory grew by ${grown >> 20} MiB`);
  });

  it("removals in a run that moves nothing, or moves only on trial: removes nothing", async () => {
    for (const options of [[], ["--remove-source-files", "--dry-run"]]) {
      using folder = temporaryFolder();
      makeSource(folder);
      const top = (peer: OpenPeer): void => remove(peer, [rows.file]);
      const { agent, told } = await ask(folder.at("source"), { begin: walk, top, options });
      assert.equal(agent.exit, 12);
      assert.match(told, /^protocol-data: The other end sent a wish to remove files/);
      assert.ok(existsSync(folder.at("source/file")));
    }
  });

  it("removals of what is no file that was sent: removes nothing", async () => {
    for (const [row, directory] of [
      [rows.d, 0],
      [5, 0],
      [1e9, 0],
      [rows.file, 7],
    ] as const) {
      using folder = temporaryFolder();
      makeSource(folder);
      const { agent } = await ask(folder.at("source"), {
        begin: walk,
        top: (peer) => remove(peer, [row], directory),
        options: ["--remove-source-files"],
      });
      assert.equal(agent.exit, 12, `row ${row} of ${directory}`);
      assert.deepEqual(readdirSync(folder.at("source")).length, Object.keys(rows).length);
    }
  });

  it("removals of a file that is another one by now: leaves it, and tells", async () => {
    using folder = temporaryFolder();
    makeSource(folder);
    const top = (peer: OpenPeer): void => {
      rmSync(folder.at("source/file"));
      symlinkSync("../outside/secret", folder.at("source/file"));
      remove(peer, [rows.file, rows.large]);
    };
    const options = ["--remove-source-files"];
    const ran = await ask(folder.at("source"), { begin: walk, top, answers: 1, options });
    assert.match(ran.content, /Skipping sender remove for changed file: file/);
    assert.ok(existsSync(folder.at("outside/secret")));
    assert.ok(!existsSync(folder.at("source/large")));
  });
});
