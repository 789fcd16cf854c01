// A pull as a state machine, against a scripted sender: the order of rsync's own conversations, and everything that a
// hostile one may say out of turn or out of bounds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ManifoldError, systemClock } from "../../src/base/index.ts";
import {
  EntryEncoder,
  encodeFrame,
  encodeLiteral,
  encodeStatistics,
  encodeSumHead,
  encodeTokensEnd,
  type FileSink,
  IndexCoder,
  indexDone,
  indexListsEnd,
  indexSubList,
  type ListTerms,
  noSums,
  type Opening,
  PlainReader,
  type PulledList,
  Puller,
  type PullListener,
  shakeHands,
  tag,
  type WireEntry,
  WireWriter,
} from "../../src/rsync/index.ts";
import { memoryChannels } from "../../src/transport/index.ts";
import { blankEntry, plainTerms } from "./entries.ts";

const sum = new Uint8Array(16);

/** The other end, which says what a test wants. */
class Sender {
  readonly writer = new WireWriter();
  readonly indices = new IndexCoder();
  readonly entries: EntryEncoder;

  constructor(terms: ListTerms) {
    this.entries = new EntryEncoder(terms);
    this.entries.begin(terms.incremental ? 1 : 0);
  }

  list(...entries: Partial<WireEntry>[]): this {
    for (const entry of entries) this.entries.write(this.writer, { ...blankEntry, ...entry });
    this.entries.end(this.writer, 0);
    return this;
  }

  index(index: number): this {
    this.indices.write(this.writer, index);
    return this;
  }

  done(times = 1): this {
    for (let left = times; left > 0; left--) this.index(indexDone);
    return this;
  }

  answer(index: number, text: string, flags = 0x8000): this {
    this.index(index);
    this.writer.short(flags);
    encodeSumHead(this.writer, noSums);
    encodeLiteral(this.writer, Buffer.from(text));
    encodeTokensEnd(this.writer);
    this.writer.raw(sum);
    return this;
  }

  statistics(): this {
    encodeStatistics(this.writer, {
      bytesRead: 1,
      bytesWritten: 2,
      totalSize: 3,
      listBuildMs: 0,
      listTransferMs: 0,
    });
    return this;
  }
}

interface Heard {
  readonly lists: PulledList[];
  readonly content: string[];
  readonly missing: number[];
  error: ManifoldError | undefined;
  isEnded: boolean;
}

/** Plays the script; `act` is what the receiving end does when a list has come. */
async function play(
  terms: ListTerms,
  script: (sender: Sender) => Iterable<Uint8Array>,
  act: (puller: Puller, list: PulledList) => void = (puller) => puller.finishList(),
): Promise<Heard> {
  const [ours, theirs] = memoryChannels("there");
  const heard: Heard = { lists: [], content: [], missing: [], error: undefined, isEnded: false };
  let over: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  let puller: Puller | undefined;
  let last: PulledList | undefined;
  const listener: PullListener = {
    names: () => undefined,
    list: (list) => {
      heard.lists.push(list);
      last = list;
      if (terms.incremental && puller !== undefined) act(puller, list);
    },
    listsEnd: () => {
      if (!terms.incremental && puller !== undefined && last !== undefined) act(puller, last);
    },
    answer: (): FileSink => ({
      literal: (bytes) => heard.content.push(Buffer.from(bytes).toString()),
      block: () => assert.fail("no block was told of"),
      end: () => undefined,
    }),
    noSend: (index) => heard.missing.push(index),
    ioError: () => undefined,
    text: () => undefined,
    ended: () => {
      heard.isEnded = true;
      over();
    },
    failed: (error) => {
      heard.error = error;
      over();
    },
  };
  theirs.listen({ data: () => undefined, drained: () => undefined, closed: () => undefined });
  const reader = new PlainReader(ours, systemClock);
  const checksums = { name: "md5", listName: "md5", seed: 1, seedFirst: true } as const;
  puller = new Puller(
    reader,
    { protocol: 32, compat: 0, checksums, compression: "none", list: terms },
    [],
    listener,
  );
  const sender = new Sender(terms);
  for (const bytes of script(sender)) theirs.send(bytes);
  theirs.end();
  await ended;
  return heard;
}

/** Everything that was written, as one frame of data. */
function data(sender: Sender): Uint8Array {
  return encodeFrame(tag.data, sender.writer.take());
}

const top = { name: ".", mode: 0o40755, isTop: true };

test("a conversation goes as rsync's do: lists, content, ends of phases, statistics, goodbye", async () => {
  const heard = await play(
    plainTerms,
    (sender) => {
      sender.list(top, { name: "b" }, { name: "a" }, { name: "d", mode: 0o40755 }, { name: "d/e" });
      return [data(sender.answer(1, "content of a").done(3).statistics().done())];
    },
    (puller, { entries }) => {
      assert.deepEqual(
        entries.map(({ name }) => name),
        [".", "a", "b", "d", "d/e"],
      );
      puller.out.request(1, 0, undefined);
      puller.finishList();
    },
  );
  assert.equal(heard.error, undefined);
  assert.deepEqual([heard.content, heard.isEnded], [["content of a"], true]);
});

test("lists come while files do, and a file that does not come is heard of", async () => {
  const terms = { ...plainTerms, incremental: true };
  const lists: (number | undefined)[] = [];
  const heard = await play(
    terms,
    (sender) => {
      sender.list(top, { name: "d", mode: 0o40755 }).index(indexSubList - 1);
      sender.entries.begin(4);
      sender.list({ name: "d/file" }).index(indexListsEnd);
      const first = data(sender);
      const number = new Uint8Array(4);
      number[0] = 4;
      return [first, encodeFrame(tag.noSend, number), data(sender.done(4).statistics().done())];
    },
    (puller, { start, directory }) => {
      lists.push(start, directory);
      if (start === 4) puller.out.request(4, 0, undefined);
      puller.finishList();
    },
  );
  assert.equal(heard.error, undefined);
  assert.deepEqual(lists, [1, undefined, 4, 1]);
  assert.deepEqual([heard.missing, heard.isEnded], [[4], true]);
});

test("whatever is said out of turn ends the conversation with a reason", async () => {
  const terms = { ...plainTerms, incremental: true };
  const cases: readonly (readonly [RegExp, ListTerms, (sender: Sender) => Iterable<Uint8Array>])[] =
    [
      [
        /entry 1, which nobody asked for/,
        plainTerms,
        (s) => [data(s.list(top, {}).answer(1, "x"))],
      ],
      [
        /entry 900, which nobody asked for/,
        plainTerms,
        (s) => [data(s.list(top).answer(900, "x"))],
      ],
      [
        /entry 0, which nobody asked for/,
        plainTerms,
        (s) => [data(s.list(top).answer(0, "", 0x2000))],
      ],
      [/a phase ends too early/, terms, (s) => [data(s.list(top).done(2))]],
      [/lists end twice/, plainTerms, (s) => [data(s.list(top).index(indexListsEnd))]],
      [/an index is -102/, plainTerms, (s) => [data(s.list(top).index(indexSubList - 1))]],
      [/an index is -50/, terms, (s) => [data(s.list(top).index(-50))]],
      [
        /listed twice/,
        terms,
        (s) => {
          s.list(top).index(indexSubList).list().index(indexSubList);
          return [data(s)];
        },
      ],
      [
        /goes on behind its end/,
        plainTerms,
        (s) => [data(s.list(top).done(3).statistics().done(2))],
      ],
      [
        /does not send entry 7/,
        plainTerms,
        (s) => [data(s.list(top)), encodeFrame(tag.noSend, Uint8Array.of(7, 0, 0, 0))],
      ],
      [
        /message with tag 100 is out of place/,
        plainTerms,
        () => [encodeFrame(tag.success, Uint8Array.of(0, 0, 0, 0))],
      ],
      [
        /exit status 23/,
        plainTerms,
        () => [encodeFrame(tag.errorExit, Uint8Array.of(23, 0, 0, 0))],
      ],
      [/ended the conversation too early/, plainTerms, (s) => [data(s.list(top, {}))]],
    ];
  for (const [says, agreed, script] of cases) {
    const { error, isEnded } = await play(agreed, script);
    assert.match(error?.message ?? "nothing", says);
    assert.equal(isEnded, false);
  }
});

test("an answer about other blocks than were told of is refused", async () => {
  const heard = await play(
    plainTerms,
    (sender) => {
      sender.list(top, {}).index(1);
      sender.writer.short(0x8000);
      encodeSumHead(sender.writer, { count: 5, blockLength: 700, strongLength: 2, remainder: 0 });
      return [data(sender)];
    },
    (puller) => puller.out.request(1, 0, undefined),
  );
  assert.match(heard.error?.message ?? "", /other blocks than it was told of/);
});

test("hands are shaken with old and new servers", async () => {
  let chosen: Pick<Opening, "checksum" | "compression"> = {
    checksum: undefined,
    compression: "none",
  };
  const shake = async (...parts: readonly Uint8Array[]): Promise<unknown> => {
    const [ours, theirs] = memoryChannels("there");
    theirs.listen({ data: () => undefined, drained: () => undefined, closed: () => undefined });
    for (const bytes of Buffer.concat(parts)) theirs.send(Uint8Array.of(bytes));
    const opening = { settled: undefined, protocol: 32, first: "", ...chosen, timeoutMs: 1000 };
    return await shakeHands(new PlainReader(ours, systemClock), opening);
  };
  const seed = Uint8Array.of(0xfb, 0xff, 0xff, 0xff);
  const old = await shake(Uint8Array.of(30, 0, 0, 0), Uint8Array.of(0x0f), seed);
  assert.deepEqual(old, {
    protocol: 30,
    compat: 0x0f,
    checksums: { name: "md5", listName: "md5", seed: -5, seedFirst: false },
    compression: "none",
  });
  const names = Buffer.from("\x0bxxh129 md5 ");
  const fresh = await shake(Uint8Array.of(32, 0, 0, 0, 0x81, 0xfe), names, seed);
  assert.deepEqual(fresh, {
    protocol: 32,
    compat: 0x1fe,
    checksums: { name: "md5", listName: "md5", seed: -5, seedFirst: true },
    compression: "none",
  });
  chosen = { checksum: ["xxh3", "sha1"], compression: "none" };
  assert.deepEqual(await shake(Uint8Array.of(32, 0, 0, 0, 0x81, 0xfe), seed), {
    ...(fresh as object),
    checksums: { name: "xxh3", listName: "sha1", seed: -5, seedFirst: true },
  });
  chosen = { checksum: undefined, compression: "negotiated" };
  const compressed = Buffer.from("\x0fzstx zlibx zlib");
  const packed = await shake(Uint8Array.of(32, 0, 0, 0, 0x81, 0xfe), names, compressed, seed);
  assert.deepEqual(packed, { ...(fresh as object), compression: "zlibx" });
  const plain = await shake(Uint8Array.of(30, 0, 0, 0), Uint8Array.of(0x0f), seed);
  assert.deepEqual(plain, { ...(old as object), compression: "zlib" });
  await assert.rejects(shake(Buffer.from("Welcome to there")), /speaks no rsync protocol/);
  await assert.rejects(shake(Uint8Array.of(29, 0, 0, 0)), /speaks rsync's protocol 29/);
  await assert.rejects(
    shake(Uint8Array.of(32, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0)),
    /varint is too long/,
  );
});
