// --json on whole runs: the summary has the documented shape and agrees with the events before it,
// with the exit status and with what lies on the disk.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { type Ended, runOurs } from "./run-ours.ts";

type Event = Record<string, unknown> & { readonly type: string };

interface Summary {
  readonly exit: number;
  readonly entries: Record<string, number>;
  readonly bytes: Record<string, number>;
  readonly sources: readonly { url: string; bytes: number; files: number; errors: number }[];
  readonly targets: readonly { name: string; ok: boolean; bytes: number }[];
  readonly problems: number;
  readonly conflicts: number;
}

function run(folder: TemporaryFolder, ...argv: string[]): { events: Event[]; ended: Ended } {
  const ended = runOurs("manifold", ["--json", ...argv], { cwd: folder.path });
  return { ended, events: ended.lines.map((line) => JSON.parse(line) as Event) };
}

function summaryOf(events: readonly Event[]): Summary {
  const last = events[events.length - 1];
  assert.equal(last?.type, "summary");
  return last as unknown as Summary;
}

function withTrees(): TemporaryFolder {
  const folder = temporaryFolder();
  mkdirSync(folder.at("one/d"), { recursive: true });
  mkdirSync(folder.at("two"));
  writeFileSync(folder.at("one/a"), "12345");
  writeFileSync(folder.at("one/d/b"), "123");
  writeFileSync(folder.at("two/c"), "1");
  return folder;
}

test("a copy: every field of the summary, and the part of the one source as it was written", () => {
  using folder = withTrees();
  const { events, ended } = run(folder, "one", "dst");
  const types = events.map(({ type }) => type).filter((type) => type !== "progress");
  assert.deepEqual([...new Set(types)], ["start", "item", "source", "target", "summary"]);
  assert.deepEqual(
    { ...summaryOf(events), elapsedMs: 0 },
    {
      type: "summary",
      version: 1,
      exit: 0,
      elapsedMs: 0,
      entries: {
        scanned: 4,
        created: 4,
        changed: 0,
        moved: 0,
        copied: 0,
        linked: 0,
        deleted: 0,
        unchanged: 0,
        failed: 0,
      },
      bytes: { total: 8, literal: 8, matched: 0, sent: 0, received: 0 },
      sources: [{ url: "one", bytes: 8, files: 2, errors: 0 }],
      targets: [{ name: "dst", ok: true, bytes: 8 }],
      problems: 0,
      conflicts: 0,
    },
  );
  assert.equal(ended.exit, 0);
});

test("several sources: what each gave, and problems that no lane has met", () => {
  using folder = withTrees();
  const { events, ended } = run(folder, "one/", "two/", "none", "dst/");
  assert.equal(ended.exit, 23);
  const { exit, sources, targets, problems } = summaryOf(events);
  assert.equal(exit, 23);
  assert.deepEqual(sources, [
    { url: "one/", bytes: 8, files: 2, errors: 0 },
    { url: "two/", bytes: 1, files: 1, errors: 0 },
  ]);
  assert.deepEqual(targets, [{ name: "dst/", ok: false, bytes: 9 }]);
  assert.equal(problems, 1);
  assert.equal(events.filter(({ type }) => type === "problem").length, 1);
});

test("a dry run reads nothing; a listing has no target; a second run has nothing to say", () => {
  using folder = withTrees();
  const dry = summaryOf(run(folder, "-n", "one/", "dst").events);
  assert.deepEqual(dry.sources, [{ url: "one/", bytes: 0, files: 2, errors: 0 }]);
  assert.equal(dry.bytes.literal, 0);
  assert.deepEqual(summaryOf(run(folder, "--list-only", "one/").events).targets, []);
  run(folder, "one/", "dst");
  const { events } = run(folder, "one/", "dst");
  assert.equal(events.filter(({ type }) => type === "item").length, 0);
  assert.equal(summaryOf(events).entries.unchanged, 2);
});

test("a wrong command line is told in words, and by a summary alone", () => {
  using folder = withTrees();
  const wrong = [["--max-size=x", "one/", "dst"], ["--detele", "one/", "dst"], ["--exclude"], []];
  for (const argv of [...wrong, ["--log-file=none/log", "one/", "dst"]]) {
    const { events, ended } = run(folder, ...argv);
    assert.notEqual(ended.stderr, "");
    assert.deepEqual(
      events.map(({ type, exit, entries }) => ({
        type,
        exit,
        scanned: (entries as Summary["entries"]).scanned,
      })),
      [{ type: "summary", exit: ended.exit, scanned: 0 }],
    );
    assert.equal(ended.exit, argv[0]?.startsWith("--log") === true ? 11 : 1);
    const told = ended.stderr.toLowerCase();
    assert.ok(told.includes(`${events[0]?.failure}`.toLowerCase()) || argv.length === 0);
  }
  const planned = run(folder, "--iconv=utf8,latin1", "one/", "dst");
  assert.deepEqual(
    planned.events.map(({ exit }) => exit),
    [4],
  );
});

test("the summary of a wrong command line goes where its events would have gone", () => {
  using folder = withTrees();
  const file = runOurs("manifold", ["sync", "--json=events", "--detele", "one/", "dst"], {
    cwd: folder.path,
  });
  assert.deepEqual([file.exit, file.stdout], [1, ""]);
  assert.equal(JSON.parse(readFileSync(folder.at("events"), "utf8")).exit, 1);
  const scan = runOurs("manifold", ["scan", "--json", "--detele", "one/"], { cwd: folder.path });
  assert.deepEqual([scan.exit, scan.stdout], [1, ""]);
  assert.match(scan.stderr, /^\{"type":"summary",.*"exit":1/m);
  for (const argv of [["--no-json"], ["--json", "--no-json"], ["--", "--json"]]) {
    const none = runOurs("manifold", ["--detele", ...argv], { cwd: folder.path });
    assert.deepEqual([none.exit, none.stdout], [1, ""]);
  }
});
