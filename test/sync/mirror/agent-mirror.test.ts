// Trees at ends of ours as sources of many.

import assert from "node:assert/strict";
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fromText } from "../../../src/base/index.ts";
import { type FarPlaces, farSource } from "../../../src/options/index.ts";
import { SourceError } from "../../../src/source/index.ts";
import { runAgent } from "../../../src/sync/agent.ts";
import { AgentMirror } from "../../../src/sync/mirror/agent-mirror.ts";
import { HostSource } from "../../../src/sync/mirror/host-source.ts";
import { type Channel, memoryChannels } from "../../../src/transport/index.ts";
import { optionsOf } from "../../options/resolve.ts";
import { contents, serveTree } from "../../source/conformance/fixture.ts";
import { isTrouble } from "../../source/conformance/listings.ts";
import { type SourceFixture, sourceSuite } from "../../source/conformance/source-suite.ts";
import { temporaryFolder } from "../../support/index.ts";
import { surroundings } from "../far/far-rig.ts";

/** A source of a folder, and the channels that it has opened. */
function open(folder: string): {
  source: AgentMirror;
  channels: Channel[];
  ended: Promise<unknown>[];
} {
  const options = optionsOf(["from/", "to/"], { personality: "manifold" });
  const far = farSource(fromText(`there:${folder}`), undefined) as FarPlaces;
  const channels: Channel[] = [];
  const ended: Promise<unknown>[] = [];
  const reach = async (): Promise<Channel> => {
    const [near, away] = memoryChannels("there");
    channels.push(near);
    ended.push(runAgent(away, surroundings()).catch((error: unknown) => error));
    return near;
  };
  const source = new AgentMirror("there", { options, far, surroundings: surroundings(), reach });
  return { source, channels, ended };
}

async function serve(folder: string): Promise<SourceFixture & { channels: Channel[] }> {
  const { source, channels, ended } = open(folder);
  return { source, channels, close: async () => void (await Promise.all(ended)) };
}

sourceSuite("agent", serve);

test("links, names of one file and the top itself are told", async () => {
  await using folder = temporaryFolder();
  const { signal } = new AbortController();
  mkdirSync(folder.at("below"));
  writeFileSync(folder.at("one"), "1");
  symlinkSync("one", folder.at("link"));
  linkSync(folder.at("one"), folder.at("below/two"));
  const { source, ended } = open(folder.path);
  await source.probe(signal);
  const { entries, self } = await source.list("", signal);
  const [link, one] = ["link", "one"].map((name) => entries.find((entry) => entry.name === name));
  const [two] = (await source.list("below", signal)).entries;
  assert.deepEqual([link?.kind, link?.linkTarget], ["symlink", "one"]);
  assert.ok(one?.fileNumber !== undefined && one.fileNumber === two?.fileNumber);
  assert.ok(self?.mtime !== undefined);
  await source.close();
  await Promise.all(ended);
});

test("who closes one that has not answered yet waits for nothing, and leaves nothing open", async () => {
  const options = optionsOf(["from/", "to/"], { personality: "manifold" });
  const far = farSource(fromText("there:x"), undefined) as FarPlaces;
  const [near, away] = memoryChannels("there");
  const ended = new Promise<void>((resolve) => {
    away.listen({ data: () => undefined, drained: () => undefined, closed: () => resolve() });
  });
  const reach = async (): Promise<Channel> => near;
  const source = new AgentMirror("there", { options, far, surroundings: surroundings(), reach });
  const stopping = new AbortController();
  const probing = source.probe(stopping.signal);
  await Promise.resolve();
  stopping.abort(new Error("enough"));
  await assert.rejects(probing, /enough/);
  await source.close();
  await ended;
});

test("what has changed since the walk is told, and after a line broke there is another", async () => {
  await using served = await serveTree(serve);
  const { source, signal, fileAt, folder } = served;
  const [notes, large] = [await fileAt("notes.txt"), await fileAt("large.bin")];
  writeFileSync(`${folder}/notes.txt`, "second, as long as it is");
  rmSync(`${folder}/large.bin`);
  const drain = async (file: typeof notes): Promise<void> => {
    for await (const _ of source.read(file, { offset: 0, length: 5 }, signal));
  };
  await assert.rejects(drain(notes), isTrouble("changed"));
  await assert.rejects(drain(large), isTrouble("absent"));
  await source.close();
  let read = "";
  const deep = await fileAt("a/b/c/deep");
  const part = { offset: 0, length: deep.entry.size as number };
  for await (const bytes of source.read(deep, part, signal)) {
    read += Buffer.from(bytes).toString("latin1");
  }
  assert.ok(read === contents["a/b/c/deep"]);
});

test("a tree that is not there is absent", async () => {
  await using folder = temporaryFolder();
  const { source, ended } = open(folder.at("nothing"));
  await assert.rejects(source.probe(new AbortController().signal), isTrouble("absent"));
  await source.close();
  await Promise.all(ended);
});

test("where no agent answers others are asked, but not for a tree that is not there", async () => {
  const { signal } = new AbortController();
  await using served = await serveTree(serve);
  for (const [code, expected] of [
    ["remote-missing", "others"],
    ["file-select", undefined],
  ] as const) {
    const failing = open(served.folder).source;
    failing.probe = () => Promise.reject(troubleFor(code));
    const failingToo = open(served.folder).source;
    failingToo.probe = failing.probe;
    const others = open(served.folder).source;
    const host = new HostSource("there", failing, [() => failingToo, () => others]);
    if (expected === undefined) {
      await assert.rejects(host.probe(signal), isTrouble("absent"));
      continue;
    }
    assert.equal((await host.probe(signal)).ranges, true);
    const { entries } = await host.list("", signal);
    assert.ok(entries.some(({ name }) => name === "large.bin"));
    await host.close();
  }
});

function troubleFor(code: "remote-missing" | "file-select"): SourceError {
  return new SourceError(code === "file-select" ? "absent" : "connection", code);
}
