// Wrong command lines: codes and messages, rsync's where rsync has them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flags } from "../../src/options/index.ts";
import { errorOf, read } from "./resolve.ts";

const usage: readonly (readonly [readonly string[], string])[] = [
  [["--foo"], "--foo: unknown option"],
  [["--foo=bar"], "--foo=bar: unknown option"],
  [["-avQ"], "-avQ: unknown option"],
  [["--perms=1"], "--perms=1: option does not take an argument"],
  [["--no-perms=1"], "--no-perms=1: option does not take an argument"],
  [["-a="], "-a=: option does not take an argument"],
  [["-aT"], "-aT: missing argument"],
  [["--timeout"], "--timeout: missing argument"],
  [["--timeout=08"], "--timeout=08: invalid numeric value"],
  [["--timeout=99999999999"], "--timeout=99999999999: number too large or too small"],
  [["-Mx", "a", "b"], "Remote option must start with a dash: x"],
  [["-M--foo", "a", "b"], "on remote machine: --foo: unknown option"],
  [["--info=foo"], 'Unknown --info item: "foo"'],
  [["--max-size=1.5x"], "--max-size=1.5x is invalid"],
  [["--bwlimit=0.3"], "--bwlimit=0.3 is too small (min: 512 or 0 for unlimited)"],
  [["--block-size=1m"], "--block-size=1m is too large (max: 128.00K)"],
  [["--max-alloc=1k", "a"], "--max-alloc=1k is too small (min: 1.00M or 0 for unlimited)"],
  [["-N", "a", "b"], "This rsync does not support --crtimes (-N)"],
  [["--chmod=Z"], "Invalid argument passed to --chmod (Z)"],
  [["--stderr=x"], '--stderr mode "x" is not one of errors, all, or client'],
  [["--outbuf=q", "a"], "Invalid --outbuf setting -- specify N, L, or B."],
  [["--stop-at=foo"], "invalid --stop-at format: foo"],
  [["--stop-after=0"], "invalid --stop-after value: 0"],
  [
    ["--copy-dest=a", "--link-dest=b"],
    "ERROR: the --link-dest option conflicts with the --copy-dest option",
  ],
  [Array(21).fill("--link-dest=x"), "ERROR: at most 20 --link-dest args may be specified"],
  [["--chown=a", "--chown=b"], "You can only specify a user-affecting --chown once."],
  [["--usermap=a:b", "--chown=c"], "--chown conflicts with prior --usermap."],
  [["--usermap=foo", "a", "b"], "No colon found in --usermap: foo"],
  [["--groupmap=1-:3", "a", "b"], "Invalid number in --groupmap: 1-"],
  [["--delete", "a", "b"], "--delete does not work without --recursive (-r) or --dirs (-d)."],
  [
    ["-r", "--del", "--delete-after", "a", "b"],
    "You may not combine multiple --delete-WHEN options.",
  ],
  [["--inplace", "--partial-dir=x", "a"], "--inplace cannot be used with --partial-dir"],
  [["--append", "--delay-updates", "a"], "--append cannot be used with --delay-updates"],
  [["--append", "-W", "a"], "--append cannot be used with --whole-file"],
  [["--fake-super", "-XX", "a"], "--fake-super conflicts with -XX"],
  [["--suffix=a/b", "a"], "--suffix cannot contain slashes: a/b"],
  [["--suffix=", "a"], "--suffix cannot be empty without a --backup-dir"],
  [
    ["--backup-dir=.", "a"],
    "--suffix cannot be empty when --backup-dir is the same as the dest dir",
  ],
  [["--old-args", "-s", "a"], "--secluded-args conflicts with --old-args."],
  [["--confine-root=x", "a"], "--confine-root must be an absolute path"],
  [
    ["--password-file=x", "a"],
    "The --password-file option may only be used when accessing an rsync daemon.",
  ],
  [["--files-from=h:x", "a", "b"], "--files-from cannot be remote when the transfer is local"],
  [["", "b"], "Empty source arg specified."],
  [["a", "h:x", "b"], "Unexpected remote arg: h:x"],
  [["h:a", "h:b"], "The source and destination cannot both be remote."],
  [
    ["--config=x"],
    'Daemon option(s) used without --daemon.\n(Type "rsync --daemon --help" for assistance with daemon mode.)',
  ],
  [
    ["--daemon", "--foo"],
    '--foo: unknown option (in daemon mode)\n(Type "rsync --daemon --help" for assistance with daemon mode.)',
  ],
];

describe("wrong command lines", () => {
  it("are refused in rsync's words", () => {
    for (const [argv, message] of usage) assert.equal(errorOf(argv).message, message);
  });

  it("get a hint from manifold, but never from manifold-rsync", () => {
    const hints: readonly (readonly [readonly string[], string])[] = [
      [["--detele"], "--detele: unknown option; did you mean --delete?"],
      [["--exc"], "--exc: unknown option; did you mean --exclude?"],
      [["--no-perm"], "--no-perm: unknown option; did you mean --no-perms?"],
      [["--foobarbaz"], "--foobarbaz: unknown option; see manifold --help"],
      [["-avQ"], "-avQ: unknown option; see manifold --help"],
      [["--max-size=x"], "--max-size=x is invalid; see manifold help --max-size"],
      [["--timeout"], "--timeout: missing argument; see manifold help --timeout"],
      [
        ["--files-from=x", "a", "b", "c"],
        "--files-from goes with one source and one destination; see manifold help --files-from",
      ],
      [["", "b"], "Empty source arg specified."],
    ];
    for (const [argv, message] of hints) {
      assert.equal(errorOf(argv, { personality: "manifold" }).message, message);
    }
    assert.equal(errorOf(["--detele"]).message, "--detele: unknown option");
  });

  it("are usage errors, unknown algorithms and protocols what rsync makes of them", () => {
    assert.equal(errorOf(["--foo"]).exit, 1);
    assert.equal(errorOf(["--cc=foo", "a"]).exit, 4);
    assert.equal(errorOf(["-c", "--cc=md5,none", "a"]).exit, 4);
    assert.equal(errorOf(["--zc=foo", "a"]).message, "unknown compress name: foo");
    assert.equal(errorOf(["--protocol=33", "a"]).exit, 2);
    assert.match(errorOf(["--durable=often"]).message, /not one of none, batch, file/);
    assert.match(errorOf(["--threads=0"]).message, /not from 1 to 256/);
  });

  it("are found in order, but a help that comes first wins", () => {
    assert.equal(errorOf(["--foo", "--help"]).message, "--foo: unknown option");
    assert.equal(read(["--help", "--foo"]).kind, "help");
    assert.equal(read(["--version", "--max-alloc=0"]).kind, "version");
  });
});

describe("what cannot work on this system", () => {
  it("says so, exits with 1 as rsync or with 4 as manifold, and can be turned off", () => {
    assert.equal(errorOf(["-N", "a", "b"]).exit, 1);
    const error = errorOf(["--crtimes", "a", "b"], { personality: "manifold" });
    assert.equal(error.exit, 4);
    assert.match(error.message, /^--crtimes is not possible: Linux /);
    assert.equal(read(["--no-crtimes", "a", "b"]).kind, "run");
  });
});

describe("what waits for a later capability", () => {
  it("says so in one line and exits with 4", () => {
    for (const flag of flags) {
      if (flag.status !== "planned" || flag.name === undefined) continue;
      const daemon = ["config", "dparam", "no-detach"].includes(flag.name);
      const value = flag.takes === "nothing" ? "" : "=1=1";
      const argv = [`--${flag.name}${value}`, ...(daemon ? ["--daemon"] : []), "a", "b"];
      const error = errorOf(argv);
      assert.equal(error.exit, 4, flag.name);
      assert.match(error.message, /^[^\n]+ is not available yet: it comes with [^\n]+$/);
    }
  });

  it("includes other machines and the verbs of changesets", () => {
    assert.equal(errorOf(["--iconv=latin1", "a", "b"]).exit, 4);
    for (const argv of [
      ["h:a", "rsync://g/m"],
      ["rsync://h/m", "g:b"],
    ]) {
      assert.equal(errorOf(argv, { personality: "manifold" }).exit, 4, argv.join(" "));
    }
    const afar = errorOf(["--mirror=m", "a", "h:b"], { personality: "manifold" });
    assert.equal(afar.exit, 4);
    const joined = errorOf(["scan", "h:x"], { personality: "manifold" });
    assert.equal(joined.exit, 1);
    assert.match(joined.message, /join them by a pipe \(ssh HOST manifold scan/);
    const replayed = errorOf(["--read-batch=x", "h:y"]);
    assert.equal(replayed.exit, 1);
    assert.match(replayed.message, /^remote destination is not allowed with --read-batch/);
  });

  it("does not include local paths that look a little like machines", () => {
    for (const path of ["./h:a", "/x:y", "a/b:c", "a", "@", "[x", "x@y"]) {
      assert.equal(read([path, "b"]).kind, "run", path);
    }
  });

  it("can still be asked for help and version", () => {
    assert.equal(read(["--write-batch=x", "--version"]).kind, "version");
    assert.equal(read(["scan", "--help"], { personality: "manifold" }).kind, "help");
  });
});
