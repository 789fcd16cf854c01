// What a source says of web servers that make trouble, and what it makes of those that can less than others.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, test } from "node:test";
import { systemClock } from "../../../src/base/index.ts";
import { HttpSource, type SourceFile } from "../../../src/source/index.ts";
import { file, ManualClock, temporaryFolder, treeOf, writeTree } from "../../support/index.ts";
import { noise } from "../conformance/fixture.ts";
import { isTrouble } from "../conformance/listings.ts";
import { startTroubleProxy, type TroubleProxy } from "./trouble-proxy.ts";
import { lacks, nginx, startWebServer } from "./web-servers.ts";

const kind = nginx("autoindex on; autoindex_format json;");
const skip = lacks(kind);
const content = noise(1_500_000, 3);
const { signal } = new AbortController();

interface Scene {
  readonly proxy: TroubleProxy;
  readonly source: HttpSource;
  readonly big: SourceFile;
}

const folder = temporaryFolder();
writeTree(folder.path, treeOf({ big: file(content), "sub/": { small: "small" } }));
const server = skip === false ? startWebServer(kind) : undefined;
after(async () => {
  await (await server)?.[Symbol.asyncDispose]();
  folder.remove();
});

/** Probes without trouble, then hands over. */
async function scene(
  act: (scene: Scene) => Promise<void>,
  clock = systemClock,
  prepare: (proxy: TroubleProxy) => void = () => undefined,
): Promise<void> {
  const url = (await server)?.serve(folder.path) ?? "";
  await using proxy = await startTroubleProxy(url);
  prepare(proxy);
  const source = new HttpSource({ url: proxy.through(url), clock, environment: {} });
  await source.probe(signal);
  const { entries } = await source.list("", signal);
  const entry = entries.find(({ name }) => name === "big");
  assert.ok(entry);
  await act({ proxy, source, big: { path: "big", entry } });
  await source.close();
}

async function read(
  source: HttpSource,
  wanted: SourceFile,
  offset: number,
  length: number,
): Promise<string> {
  let text = "";
  for await (const bytes of source.read(wanted, { offset, length }, signal))
    text += Buffer.from(bytes).toString("latin1");
  return text;
}

test("a server that asks to be left alone is busy, for as long as it says", { skip }, () =>
  scene(async ({ proxy, source, big }) => {
    const busy = async (retryAfter: string): Promise<number | undefined> => {
      Object.assign(proxy.trouble, { busy: 1, retryAfter });
      let seconds: number | undefined;
      await assert.rejects(read(source, big, 0, 10), (error) => {
        seconds = (error as { seconds?: number }).seconds;
        return isTrouble("busy")(error);
      });
      return seconds;
    };
    assert.equal(await busy("7"), 7);
    assert.equal(await busy(""), undefined);
    const date = await busy(new Date(Date.now() + 100_000).toUTCString());
    assert.ok(date !== undefined && date > 90 && date <= 101, `${date}`);
    assert.equal((await read(source, big, 5, 10)).length, 10);
  }),
);

test("a connection that breaks in the middle is told after what came", { skip }, () =>
  scene(async ({ proxy, source, big }) => {
    proxy.trouble.cutAfter = 100_000;
    let came = "";
    await assert.rejects(async () => {
      for await (const bytes of source.read(big, { offset: 1000, length: 1_000_000 }, signal)) {
        came += Buffer.from(bytes).toString("latin1");
      }
    }, isTrouble("connection"));
    assert.ok(
      came.length <= 100_000 && content.startsWith(came, 1000),
      `${came.length} bytes came`,
    );
    proxy.trouble.cutAfter = Number.POSITIVE_INFINITY;
    assert.ok((await read(source, big, 0, content.length)) === content);
  }),
);

test("silence ends in time, and not before", { skip }, async () => {
  const clock = new ManualClock();
  await scene(async ({ proxy, source, big }) => {
    proxy.trouble.stallAfter = 32_768;
    const reading = source
      .read(big, { offset: 0, length: 1_000_000 }, signal)
      [Symbol.asyncIterator]();
    let came = 0;
    while (came < 32_768) came += ((await reading.next()).value as Uint8Array).length;
    const next = reading.next();
    let isOver = false;
    next.catch(() => {
      isOver = true;
    });
    await clock.advance(59_000);
    assert.equal(isOver, false);
    await clock.advance(2000);
    await assert.rejects(next, isTrouble("connection"));
  }, clock);
});

test("an answer that is aborted ends with the signal's own reason", { skip }, () =>
  scene(async ({ proxy, source, big }) => {
    proxy.trouble.stallAfter = 10_000;
    const aborting = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(async () => {
      for await (const _ of source.read(big, { offset: 0, length: 1_000_000 }, aborting.signal))
        aborting.abort(reason);
    }, reason);
  }),
);

test("a server without ranges is found out, and gives whole files and beginnings", { skip }, () =>
  scene(
    async ({ source, big, proxy }) => {
      assert.equal((await source.probe(signal)).ranges, false);
      const before = proxy.asked.length;
      assert.ok((await read(source, big, 0, content.length)) === content);
      assert.ok((await read(source, big, 0, 5000)) === content.slice(0, 5000));
      assert.equal(proxy.asked.slice(before).filter((line) => line.includes("bytes=")).length, 0);
    },
    systemClock,
    ({ trouble }) => {
      trouble.ignoresRanges = true;
    },
  ),
);

test("a whole file where a part was asked for is used as far as it goes", { skip }, () =>
  scene(async ({ proxy, source, big }) => {
    proxy.trouble.ignoresRanges = true;
    assert.ok((await read(source, big, 500_000, 5000)) === content.slice(500_000, 505_000));
    await assert.rejects(read(source, big, 1_200_000, 10), isTrouble("protocol"));
  }),
);

test("where no times are told, the server's own marks tell that a file has changed", { skip }, () =>
  scene(async ({ proxy, source, big }) => {
    const entry = await source.look(big, signal);
    assert.ok(entry.version !== undefined);
    proxy.trouble.hidden = ["last-modified"];
    assert.equal((await read(source, { ...big, entry }, 0, 10)).length, 10);
    const other = { ...big, entry: { ...entry, version: `${entry.version}x` } };
    await assert.rejects(read(source, other, 0, 10), isTrouble("changed"));
    const foreign = { ...big, entry: { ...entry, version: '"somebody else\'s"' } };
    assert.equal((await read(source, foreign, 0, 10)).length, 10);
  }),
);

test(
  "reading parts, looking and listing, one after the other, keep their connections",
  { skip },
  () =>
    scene(async ({ proxy, source, big }) => {
      for (let at = 0; at < 10; at++) {
        assert.equal((await read(source, big, at * 1000, 100_000)).length, 100_000);
        await source.look(big, signal);
        await source.list("sub", signal);
      }
      assert.ok((await read(source, big, 0, content.length)) === content);
      // A second one while the answer before, of which nothing is wanted, comes to its end.
      assert.ok(proxy.connections() <= 2, `${proxy.connections()} connections`);
    }),
);

test("the size that is listed is the size of the answer", { skip }, () =>
  scene(async ({ source, big }) => {
    const longer = { ...big, entry: { ...big.entry, size: content.length + 1 } };
    await assert.rejects(read(source, longer, 0, 10), isTrouble("changed"));
    await assert.rejects(read(source, longer, content.length, 1), isTrouble("changed"));
  }),
);

test("a mirror does not send what it has of another time, and keeps the connection", {
  skip,
}, async () => {
  await using before = await startWebServer(nginx("if_modified_since before;"));
  const url = before.serve(folder.path);
  await using proxy = await startTroubleProxy(url);
  const settings = { url: proxy.through(url), clock: systemClock, environment: {}, isMirror: true };
  const source = new HttpSource(settings);
  await source.probe(signal);
  const { mtimeMs } = statSync(folder.at("big"));
  const big = (mtime: number): SourceFile => ({
    path: "big",
    entry: { name: "big", kind: "file", size: content.length, mtime },
  });
  const mtime = Math.floor(mtimeMs / 1000);
  assert.equal((await read(source, big(mtime), 0, 10)).length, 10);
  for (const other of [mtime + 100, mtime - 100])
    await assert.rejects(read(source, big(other), 0, 10), isTrouble("changed"));
  assert.deepEqual(proxy.answered.slice(-3), [206, 304, 412]);
  // A second one while the answer before, of which nothing is wanted, comes to its end.
  assert.ok(proxy.connections() <= 2, `${proxy.connections()} connections`);
  await source.close();
});
