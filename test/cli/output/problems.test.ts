// Problems in rsync's words (against the real one) and in manifold's.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { errorTable } from "../../../src/base/index.ts";
import {
  createReporter,
  earlyFailureLines,
  hasProblemWording,
  manifoldProblemLine,
  rsyncExitLine,
  rsyncProblemLines,
} from "../../../src/cli/output/index.ts";
import type { ProblemEvent } from "../../../src/tree/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/index.ts";
import { recordedOutput } from "./recorded-output.ts";
import { haveOracle, runRsync } from "./rsync-oracle.ts";
import { countersOf, problemOf, sampleInfo, settingsOf, summaryOf } from "./sample-run.ts";

const isRoot = process.geteuid?.() === 0;
const skip = haveOracle() && isRoot ? false : "needs rsync 3.5, and root to become nobody";

/** A situation, the run that meets it, and the problems that our stages would tell. */
interface Situation {
  readonly name: string;
  readonly prepare: (folder: TemporaryFolder) => void;
  readonly argv: readonly string[];
  readonly problems: readonly Partial<ProblemEvent>[];
  readonly exit: number;
}

const target = { role: "target", errno: 13 } as const;

const situations: readonly Situation[] = [
  {
    name: "a missing source argument",
    prepare: () => undefined,
    argv: ["-r", "nosuch", "src/", "dst"],
    problems: [{ path: "nosuch", operation: "link_stat", errno: 2 }],
    exit: 23,
  },
  {
    name: "a source file that may not be read",
    prepare: (folder) => locked(folder, "src/a"),
    argv: ["-r", "src/", "dst"],
    problems: [{ path: "src/a", operation: "openat", errno: 13 }],
    exit: 23,
  },
  {
    name: "a source directory that may not be listed",
    prepare: (folder) => {
      mkdirSync(folder.at("src/d"));
      locked(folder, "src/d");
    },
    argv: ["-r", "src/", "dst"],
    problems: [{ path: "src/d", operation: "opendir", errno: 13 }],
    exit: 23,
  },
  {
    name: "a source top that may not be listed",
    prepare: (folder) => locked(folder, "src"),
    argv: ["-r", "src/", "dst"],
    problems: [{ path: "src/", operation: "change_dir", errno: 13 }],
    exit: 23,
  },
  {
    name: "a symlink that points nowhere, followed",
    prepare: (folder) => symlinkSync("nowhere", folder.at("src/l")),
    argv: ["-rL", "src/", "dst"],
    problems: [
      { path: "src/l", operation: "follow", errno: 2, message: "symlink has no referent" },
    ],
    exit: 23,
  },
  {
    name: "a target directory that may not be written: files",
    prepare: (folder) => chmodSync(folder.at("dst"), 0o755),
    argv: ["-r", "src/", "dst"],
    problems: [{ ...target, path: "dst/a", operation: "openat" }],
    exit: 23,
  },
  {
    name: "a target directory that may not be written: directories",
    prepare: (folder) => {
      mkdirSync(folder.at("src/d"));
      chmodSync(folder.at("dst"), 0o755);
    },
    argv: ["-r", "--exclude=a", "src/", "dst"],
    problems: [{ ...target, path: "dst/d", operation: "mkdirat" }],
    exit: 23,
  },
  {
    name: "a target directory that may not be written: special files",
    prepare: (folder) => {
      execFileSync("mkfifo", [folder.at("src/fifo")]);
      chmodSync(folder.at("dst"), 0o755);
    },
    argv: ["-rD", "--exclude=a", "src/", "dst"],
    problems: [{ ...target, path: "dst/fifo", operation: "mknodat" }],
    exit: 23,
  },
  {
    name: "a target directory that may not be written: deletions",
    prepare: (folder) => {
      writeFileSync(folder.at("dst/x"), "");
      mkdirSync(folder.at("dst/y"));
      chmodSync(folder.at("dst"), 0o755);
    },
    argv: ["-r", "--delete", "--exclude=a", "src/", "dst"],
    problems: [
      { ...target, path: "dst/y", operation: "rmdir" },
      { ...target, path: "dst/x", operation: "unlink" },
    ],
    exit: 23,
  },
  {
    name: "a target whose times belong to somebody else",
    prepare: (folder) => utimesSync(folder.at("src"), 1e9, 1e9),
    argv: ["-rt", "--exclude=a", "src/", "dst"],
    problems: [{ ...target, path: "dst/", operation: "utimensat", errno: 1 }],
    exit: 23,
  },
  {
    name: "a deletion limit",
    prepare: (folder) => writeFileSync(folder.at("dst/x"), ""),
    argv: ["-r", "--delete", "--max-delete=0", "src/", "dst"],
    problems: [
      {
        ...target,
        path: "dst",
        operation: "max-delete",
        errno: 0,
        message: "Deletions stopped due to --max-delete limit (1 skipped)",
        exit: 25,
      },
    ],
    exit: 25,
  },
];

function locked(folder: TemporaryFolder, name: string): void {
  chmodSync(folder.at(name), 0);
}

describe("problems in rsync's words", { skip }, () => {
  for (const { name, prepare, argv, problems, exit } of situations) {
    it(`${name}: the lines are rsync's`, () => {
      using folder = temporaryFolder();
      chmodSync(folder.path, 0o755);
      mkdirSync(folder.at("src"));
      mkdirSync(folder.at("dst"));
      chmodSync(folder.at("dst"), 0o777);
      writeFileSync(folder.at("src/a"), "a");
      prepare(folder);
      const told = runRsync(argv, { cwd: folder.path, asNobody: true });
      assert.equal(told.exit, exit, told.stderr);
      const output = recordedOutput();
      const reporter = createReporter(settingsOf(argv, "manifold-rsync"), output);
      reporter.start({ ...sampleInfo, workingDirectory: folder.path });
      for (const problem of problems) reporter.event(problemOf(problem));
      reporter.finish(summaryOf({ exit }));
      assert.equal(output.written.stderr, maskTemporaryNames(told.stderr));
    });
  }

  it("a wrong command line: the lines are rsync's", () => {
    const told = runRsync(["--bogus", "a", "b"], { cwd: "/" }).stderr;
    const ours = earlyFailureLines("manifold-rsync", "--bogus: unknown option", 1);
    assert.equal(`${ours.join("\n")}\n`, told);
  });
});

/** rsync names the temporary file ".a.XXXXXX" where we name the file. */
function maskTemporaryNames(text: string): string {
  return text.replace(/\/\.([^/"]+)\.\w{6}"/g, '/$1"');
}

describe("problems", () => {
  const places = { workingDirectory: "/w", targetLabel: "dst/" };

  it("vanished files are warnings in rsync's words, and so is the exit line", () => {
    const event = problemOf({ errno: 2, exit: 24 });
    assert.deepEqual(rsyncProblemLines(event, places), ['file has vanished: "/w/src/a"']);
    const directory = { ...event, operation: "opendir" };
    assert.deepEqual(rsyncProblemLines(directory, places), ['directory has vanished: "/w/src/a"']);
    assert.equal(
      rsyncExitLine(24),
      "rsync warning: some files vanished before they could be transferred (code 24) at main.c(1394) [sender=3.5.0]",
    );
  });

  it("a failed directory says that its contents are skipped", () => {
    const event = problemOf({ role: "target", operation: "mkdirat", path: "dst/d" });
    assert.deepEqual(rsyncProblemLines(event, places), [
      'rsync: [generator] recv_generator: mkdir "/w/dst/d" failed: Permission denied (13)',
      "*** Skipping any contents from this failed directory ***",
    ]);
  });

  it("manifold names what could not be done, to what, and why", () => {
    const lines: [Partial<ProblemEvent>, string][] = [
      [{}, 'manifold: cannot read "src/a": Permission denied'],
      [
        { role: "target", path: "dst/a", errno: 28, operation: "pwrite" },
        'manifold: cannot write "dst/a": No space left on device',
      ],
      [
        { role: "target", path: "dst/a", operation: "openat" },
        'manifold: cannot write "dst/a": Permission denied',
      ],
      [
        { role: "target", operation: "conflict", path: "dst/a", errno: 0, message: "changed" },
        'manifold: conflict at "dst/a": changed',
      ],
      [
        { operation: "follow", errno: 2, message: "symlink has no referent" },
        'manifold: cannot follow "src/a": symlink has no referent',
      ],
      [
        { operation: "opendir", path: "src/d" },
        'manifold: cannot open directory "src/d": Permission denied',
      ],
      [{ exit: 24, errno: 2 }, 'manifold: vanished during the run: "src/a"'],
      [
        { operation: "frobnicate", errno: 5 },
        'manifold: cannot frobnicate "src/a": Input/output error',
      ],
      [{ operation: "max-delete", message: "stopped at 3" }, "manifold: stopped at 3"],
      [{ errno: 4321 }, 'manifold: cannot read "src/a": Unknown error 4321'],
    ];
    for (const [some, line] of lines) assert.equal(manifoldProblemLine(problemOf(some)), line);
  });

  it("manifold ends with one line of counts and what the exit status means", () => {
    const output = recordedOutput();
    const reporter = createReporter(settingsOf(["src/", "dst"]), output);
    reporter.event(problemOf());
    reporter.event(problemOf({ exit: 24, errno: 2 }));
    reporter.event(problemOf({ operation: "conflict", errno: 0, message: "changed" }));
    reporter.finish(summaryOf({ exit: 23, counters: countersOf({ failed: 2 }) }));
    const lines = output.written.stderr.trimEnd().split("\n");
    assert.equal(lines.length, 4);
    assert.equal(
      lines[3],
      "manifold: 3 problems (2 not transferred, 1 vanished, 1 conflict): some files or attributes were not transferred (exit 23)",
    );
  });

  it("what stopped the run is told once, with the exit status", () => {
    for (const [personality, expected] of [
      ["manifold", "manifold: cannot open dst: Permission denied (exit 3)\n"],
      [
        "manifold-rsync",
        "rsync: Cannot open dst: Permission denied\nrsync error: errors selecting input/output files, dirs (code 3) at main.c(768) [Receiver=3.5.0]\n",
      ],
    ] as const) {
      const output = recordedOutput();
      const reporter = createReporter(
        settingsOf(["-v", "--stats", "src/", "dst"], personality),
        output,
      );
      reporter.finish(summaryOf({ exit: 3, failure: "Cannot open dst: Permission denied" }));
      assert.equal(output.written.stderr, expected);
      assert.equal(output.written.stdout, "");
    }
  });

  it("nothing is told of a run in which all went well", () => {
    for (const personality of ["manifold", "manifold-rsync"] as const) {
      const output = recordedOutput();
      const reporter = createReporter(settingsOf(["src/", "dst"], personality), output);
      reporter.start(sampleInfo);
      reporter.finish(summaryOf());
      assert.deepEqual(output.written, { stdout: "", stderr: "", json: "", log: "" });
    }
  });

  it("every exit status of the error table has rsync's sentence", () => {
    for (const { exit } of Object.values(errorTable)) {
      // A remote shell's own status is nothing that rsync has words for.
      if (exit === 255) continue;
      assert.doesNotMatch(rsyncExitLine(exit), /unexplained/, String(exit));
    }
    assert.match(rsyncExitLine(99), /^rsync error: unexplained error \(code 99\)/);
  });

  it("every operation that a file door or a stage names has a wording", () => {
    const named = new Set<string>();
    const patterns = [
      /failure\("([a-z]\w*)"/g,
      /new FsError\([^,]+, "([a-z]\w*)"/g,
      /problem\([^;]*?, "([a-z][\w-]*)", (?:0|error|listing)/g,
    ];
    for (const room of ["fs", "pipeline", "sync"]) {
      for (const file of readdirSync(`src/${room}`, { recursive: true, encoding: "utf8" })) {
        // The file system of tests has operations that no run meets.
        if (!file.endsWith(".ts") || file.startsWith("memory/")) continue;
        const text = readFileSync(`src/${room}/${file}`, "utf8");
        for (const pattern of patterns)
          for (const [, name] of text.matchAll(pattern)) named.add(name ?? "");
      }
    }
    assert.ok(named.size > 10);
    const unknown = [...named].filter((name) => !hasProblemWording(name));
    assert.deepEqual(unknown, []);
  });
});
