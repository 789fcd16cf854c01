// What command lines resolve to: values, implications, defaults of the two personalities.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flags, parseMirrorLines } from "../../src/options/index.ts";
import { copyOptions, optionsOf, read } from "./resolve.ts";

const manifold = { personality: "manifold" } as const;

describe("how argv is read", () => {
  it("takes letters together and values in every form", () => {
    for (const form of [["-T", "x"], ["-Tx"], ["-T=x"], ["-vTx"], ["--temp-dir=x"]]) {
      assert.equal(copyOptions(form).transfer.tempDir, "x", form.join(" "));
    }
    assert.equal(copyOptions(["--temp-dir", "-a"]).transfer.tempDir, "-a");
    assert.equal(copyOptions(["-T", "--"]).transfer.tempDir, "--");
    const cluster = copyOptions(["-avzP"]);
    assert.ok(cluster.walk.recurse && cluster.transfer.compress.on && cluster.partial.keep);
    assert.equal(cluster.output.verbose, 1);
  });

  it("finds flags after other arguments, but not after -- or in POSIX order", () => {
    assert.deepEqual(optionsOf(["a", "-v", "b"]).sources, ["a"]);
    assert.deepEqual(optionsOf(["a", "--", "-v", "b"]).sources, ["a", "-v"]);
    const posix = { variables: { POSIXLY_CORRECT: "1" } };
    assert.deepEqual(optionsOf(["-n", "a", "-v", "b"], posix).sources, ["a", "-v"]);
    assert.deepEqual(optionsOf(["-", "b"]).sources, ["-"]);
  });

  it("keeps the bytes of names", () => {
    assert.deepEqual(optionsOf(["\xff\xfe", "d"]).sources, ["\xff\xfe"]);
  });

  it("lets the last of two opposites win, around -a too", () => {
    assert.equal(copyOptions(["-a", "--no-t"]).preserve.times, false);
    assert.equal(copyOptions(["--no-t", "-a"]).preserve.times, true);
    assert.equal(copyOptions(["--no-W", "-W"]).transfer.wholeFile, true);
    assert.equal(copyOptions(["-W", "--no-W"]).transfer.wholeFile, false);
    assert.equal(copyOptions(["--super", "--fake-super"]).preserve.superUser, undefined);
    assert.equal(copyOptions(["--fake-super", "--no-super"]).preserve.fakeSuper, false);
  });

  it("counts repeated letters", () => {
    assert.equal(copyOptions(["-xx"]).walk.oneFileSystem, 2);
    assert.equal(copyOptions(["-XX", "-X"]).preserve.xattrs, 2);
    assert.equal(copyOptions(["-yy"]).transfer.fuzzy, 2);
    assert.equal(copyOptions(["-ii"]).output.itemize, 2);
    assert.equal(copyOptions(["-hh"]).output.humanReadable, 3);
    assert.equal(copyOptions(["-hh", "--no-h"]).output.humanReadable, 0);
    assert.equal(copyOptions(["-vvv"]).output.verbose, 3);
    assert.equal(copyOptions(["-UU"]).transfer.openNoatime, true);
    assert.equal(copyOptions(["--old-args", "--old-args"]).remote.oldArgs, 2);
  });

  it("accepts every flag of rsync's that is not planned, by every name", () => {
    const special = new Set([
      "read-batch",
      "help",
      "version",
      "sender",
      "password-file",
      "contimeout",
    ]);
    const sample: Record<string, string> = {
      "stop-at": "23:59",
      "remote-option": "-v",
      "checksum-choice": "md5",
      "compress-choice": "zlib",
      "block-size": "700",
      chmod: "u+w",
      stderr: "all",
      outbuf: "L",
      info: "name",
      debug: "io",
      usermap: "0:1",
      groupmap: "0:1",
      protocol: "31",
      iconv: ".",
      "confine-root": "/",
      "max-alloc": "1m",
    };
    for (const flag of flags) {
      if (flag.waitsFor !== undefined || special.has(flag.name ?? "")) continue;
      // The daemon's switches, which make all others the daemon's.
      if (
        flag.origin === "manifold" ||
        ["daemon", "config", "dparam", "no-detach"].includes(flag.name ?? "")
      )
        continue;
      const value = flag.takes === "nothing" ? "" : `=${sample[flag.name ?? ""] ?? "1"}`;
      for (const name of [flag.name, ...(flag.aliases ?? [])]) {
        if (name !== undefined) copyOptions(["-r", `--${name}${value}`]);
      }
      for (const name of flag.negations ?? []) copyOptions(["-r", `--${name}`]);
      if (flag.short !== undefined) copyOptions(["-r", `-${flag.short}${value}`]);
    }
  });
});

describe("texts instead of a run", () => {
  it("are asked for by --help, -h alone, --version and the help words", () => {
    assert.deepEqual(read(["-h"]), { kind: "help", topic: undefined, exit: 0 });
    assert.equal(read(["-hv", "a", "b"]).kind, "run");
    assert.deepEqual(read(["--help", "--nonsense"]), { kind: "help", topic: undefined, exit: 0 });
    assert.equal(read(["-V", "-h", "a"]).kind, "version");
    assert.equal(read(["-VV"]).kind, "version-json");
    assert.equal(read(["--info=name,help"]).kind, "info-help");
    assert.equal(read(["--debug=help"]).kind, "debug-help");
    assert.equal(read(["--daemon", "--help"]).kind, "daemon-help");
    assert.deepEqual(read(["--generate=man"], manifold), {
      kind: "generate",
      what: "man",
      program: "manifold",
    });
    assert.deepEqual(read(["help", "sync"], manifold), { kind: "help", topic: "sync", exit: 0 });
  });

  it("is the help, as an error, when there is nothing to do", () => {
    for (const argv of [[], ["-v"], ["--files-from=x", "a"], ["--files-from=x", "a", "b", "c"]]) {
      assert.deepEqual(read(argv), { kind: "help", topic: undefined, exit: 1 });
    }
  });
});

describe("the personality of manifold", () => {
  it("implies -a, takes parts of it back, and deletes last", () => {
    const { walk, preserve, ...rest } = copyOptions([], manifold);
    assert.ok(walk.recurse && preserve.mode && preserve.times && preserve.links);
    assert.ok(preserve.owner && preserve.group && preserve.devices && preserve.specials);
    assert.ok(!preserve.hardLinks && !preserve.acls && preserve.xattrs === 0);
    assert.equal(rest.delete.mode, "none");
    assert.equal(copyOptions(["--no-D"], manifold).preserve.devices, false);
    assert.equal(copyOptions(["--delete"], manifold).delete.mode, "delay");
    assert.equal(copyOptions(["--delete-before"], manifold).delete.mode, "before");
    assert.equal(copyOptions(["--del"], manifold).delete.mode, "during");
  });

  it("takes a first argument that is exactly a verb as the verb", () => {
    assert.deepEqual(optionsOf(["sync", "scan", "b"], manifold).sources, ["scan"]);
    assert.deepEqual(optionsOf(["./scan", "b"], manifold).sources, ["./scan"]);
    assert.deepEqual(optionsOf(["-v", "scan", "b"], manifold).sources, ["scan"]);
    assert.deepEqual(optionsOf(["scan", "b"]).sources, ["scan"]);
  });

  it("has its own flags", () => {
    const { own, limits, output } = copyOptions(
      [
        ...["--threads=3", "--durable=batch", "--verify", "--on-conflict=keep-both", "--json"],
        ...["--basis=digest", "--digests", "--stat"],
      ],
      manifold,
    );
    assert.deepEqual(own, {
      durable: "batch",
      idle: [],
      verify: true,
      onConflict: "keep-both",
      basis: "digest",
      renames: { detect: "content", from: [], contentIndex: undefined },
      mirrors: undefined,
      cooperate: false,
      digests: true,
      signatures: false,
      cache: true,
      stat: true,
      undo: undefined,
      capture: undefined,
      cast: undefined,
      catch: {
        ...{ config: undefined, discard: false, once: false, interfaceName: undefined },
        master: undefined,
      },
      readBatch: undefined,
    });
    assert.equal(limits.threads, 3);
    assert.deepEqual(output.json, { file: undefined });
    assert.deepEqual(copyOptions(["--json=x"], manifold).output.json, { file: "x" });
  });

  it("takes a tree from many sources", () => {
    const mirrorsOf = (argv: readonly string[]) => optionsOf(argv, manifold).own.mirrors;
    const plain = {
      role: "all",
      adopts: true,
      connectionsMax: undefined,
      rateMax: undefined,
      priority: undefined,
    };
    assert.deepEqual(
      mirrorsOf(["--mirror", "m max-conn=2 prio=5 limit=2M", "--mirror=a/ role=list", "a/", "b"]),
      {
        places: [
          { ...plain, url: "a/", role: "list" },
          { ...plain, url: "m", connectionsMax: 2, priority: 5, rateMax: 2 * 1024 * 1024 },
        ],
        files: [],
        reference: "first",
        stages: [],
      },
    );
    const group = mirrorsOf(["h:a|http://g/b", "b"])?.places.map(({ url }) => url);
    assert.deepEqual(group, ["h:a", "http://g/b"]);
    assert.equal(mirrorsOf(["a|b", "c"]), undefined);
    assert.equal(mirrorsOf(["a", "c"]), undefined);
    assert.deepEqual(
      parseMirrorLines("# comment\n\n  a b  max-conn=1 \n;c\n").map(({ url, connectionsMax }) => [
        url,
        connectionsMax,
      ]),
      [["a b", 1]],
    );
    for (const wrong of ["", "m max-conn=0", "m max-conn=x", "m limit=1x", "m role=some"]) {
      assert.throws(() => mirrorsOf(["--mirror", wrong, "a", "b"]), /./, wrong);
    }
  });

  it("keeps digests where they are taken, unless told otherwise, and in manifold only", () => {
    const caches = (argv: readonly string[], reading = manifold): boolean =>
      copyOptions(argv, reading).own.cache;
    assert.deepEqual(
      [caches([]), caches(["-c"]), caches(["-c", "--no-cache"])],
      [false, true, false],
    );
    assert.equal(caches(["--cache"]), true);
    const rsync = { personality: "manifold-rsync" } as const;
    assert.equal(copyOptions(["-c"], rsync).own.cache, false);
    assert.equal(copyOptions(["-c", "--cache"], rsync).own.cache, true);
  });

  it("freezes what it returns", () => {
    const options = copyOptions(["--exclude=x"], manifold);
    assert.ok(Object.isFrozen(options) && Object.isFrozen(options.walk));
    assert.ok(Object.isFrozen(options.filterRules[0]));
  });
});

describe("the tree that is walked", () => {
  it("has directories with -r, -d, lists and listings", () => {
    assert.deepEqual(pick(copyOptions([]).walk, "recurse", "dirs"), [false, false]);
    assert.deepEqual(pick(copyOptions(["-d"]).walk, "recurse", "dirs"), [false, true]);
    assert.deepEqual(pick(copyOptions(["-r", "--no-d"]).walk, "recurse", "dirs"), [true, true]);
    assert.deepEqual(pick(optionsOf(["a"]).walk, "recurse", "dirs"), [false, true]);
    assert.deepEqual(pick(copyOptions(["--list-only"]).walk, "recurse", "dirs"), [false, true]);
    assert.equal(optionsOf(["a"]).output.listOnly, true);
    assert.equal(optionsOf(["a"]).target, undefined);
  });

  it("is named by --files-from, which implies -R and -d and takes back the -r of -a", () => {
    const listed = copyOptions(["-a", "--files-from=x"]).walk;
    assert.deepEqual(pick(listed, "recurse", "dirs", "relative"), [false, true, true]);
    assert.ok(listed.impliedDirs);
    assert.equal(copyOptions(["-ra", "--files-from=x"]).walk.recurse, true);
    assert.equal(copyOptions(["-ar", "--files-from=x"]).walk.recurse, true);
    assert.equal(copyOptions(["--no-R", "--files-from=x"]).walk.relative, false);
  });

  it("has implied directories only with -R", () => {
    assert.equal(copyOptions(["-r"]).walk.impliedDirs, false);
    assert.equal(copyOptions(["-R"]).walk.impliedDirs, true);
    assert.equal(copyOptions(["-R", "--no-i-d"]).walk.impliedDirs, false);
  });

  it("ends at the first level with --old-dirs", () => {
    const { walk, filterRules } = copyOptions(["--old-d", "-f", "- x"]);
    assert.ok(walk.recurse);
    assert.deepEqual(rules(filterRules), ["- x", "- /*/*"]);
  });
});

describe("attributes", () => {
  it("follow from one another as in rsync", () => {
    assert.equal(copyOptions(["-A"]).preserve.mode, true);
    assert.equal(copyOptions(["--chown=a"]).preserve.owner, true);
    assert.equal(copyOptions(["--chown=a"]).preserve.group, false);
    assert.equal(copyOptions(["--groupmap=a:b"]).preserve.group, true);
    assert.equal(copyOptions(["-t", "-b"]).preserve.dirTimes, false);
    assert.equal(copyOptions(["-t", "-b", "--backup-dir=x"]).preserve.dirTimes, true);
    assert.equal(copyOptions(["-tO"]).preserve.dirTimes, false);
    assert.equal(copyOptions(["-tJ"]).preserve.linkTimes, false);
  });

  it("of the far end are changed by -M", () => {
    const { preserve, remote } = copyOptions(["-a", "-M--fake-super", "-M", "--drop-D"]);
    assert.equal(preserve.fakeSuper, false);
    assert.deepEqual(preserve.atTarget, {
      fakeSuper: true,
      superUser: undefined,
      dropDevices: true,
    });
    assert.deepEqual(remote.remoteOptions, ["--fake-super", "--drop-D"]);
    assert.equal(copyOptions(["--fake-super"]).preserve.atTarget.fakeSuper, true);
    assert.equal(copyOptions(["--fake-super", "-M--super"]).preserve.atTarget.superUser, true);
  });
});

describe("filter rules", () => {
  it("come in order, shorthands expanded, those that other options imply last", () => {
    const { filterRules } = copyOptions([
      "-rF",
      "--exclude=a",
      "-F",
      "-F",
      "-C",
      "-b",
      "--delete",
      "--partial-dir=.p",
      "--include-from=i",
    ]);
    assert.deepEqual(rules(filterRules), [
      ": /.rsync-filter",
      "exclude a",
      "- .rsync-filter",
      "include-from i",
      "P *~",
      "-p .p/",
      ":C",
      "-C",
    ]);
  });

  it("protect backups only where a deletion could meet them", () => {
    assert.deepEqual(rules(copyOptions(["-rb"]).filterRules), []);
    assert.deepEqual(rules(copyOptions(["-rb", "--delete-excluded"]).filterRules), []);
    assert.deepEqual(rules(copyOptions(["-r", "--delete", "--backup-dir=x"]).filterRules), []);
  });
});

describe("deletions", () => {
  it("happen during the transfer unless another time is asked for", () => {
    for (const argv of [["--delete"], ["--delete-excluded"], ["--del"], ["--delete-during"]]) {
      assert.equal(copyOptions(["-r", ...argv]).delete.mode, "during", argv[0]);
    }
    assert.equal(copyOptions(["-r", "--delete", "--delete-after"]).delete.mode, "after");
    assert.equal(copyOptions(["-r", "--delete", "--protocol=29"]).delete.mode, "before");
    assert.equal(copyOptions(["-d", "--del", "--delete-delay"]).delete.mode, "delay");
    assert.equal(copyOptions(["-r"]).delete.mode, "none");
  });

  it("are limited by numbers from zero on", () => {
    assert.equal(copyOptions([]).delete.max, undefined);
    assert.equal(copyOptions(["--max-delete=-5"]).delete.max, 0);
    assert.equal(copyOptions(["--max-delete=0x10"]).delete.max, 16);
  });

  it("of missing arguments win over ignoring them", () => {
    assert.equal(copyOptions([]).walk.missingArgs, "error");
    assert.equal(copyOptions(["--ignore-missing-args"]).walk.missingArgs, "ignore");
    const both = ["--delete-missing-args", "--ignore-missing-args"];
    assert.equal(copyOptions(both).walk.missingArgs, "delete");
  });
});

describe("files", () => {
  it("are written in place by --append and --write-devices too", () => {
    assert.ok(copyOptions(["--append"]).transfer.inplace);
    assert.ok(copyOptions(["--write-devices"]).transfer.inplace);
    assert.equal(copyOptions(["--append", "--append-verify"]).transfer.append, "verify");
    assert.equal(copyOptions(["--append", "--no-append"]).transfer.inplace, false);
    assert.deepEqual(copyOptions(["--partial", "--inplace"]).partial, {
      keep: false,
      isRefused: true,
      dir: undefined,
    });
  });

  it("are kept half done where --partial-dir, the environment or --delay-updates say", () => {
    const variables = { RSYNC_PARTIAL_DIR: "env" };
    const asked = { keep: true, isRefused: false };
    const unsaid = { keep: false, isRefused: false, dir: undefined };
    assert.deepEqual(copyOptions(["-P"]).partial, { ...asked, dir: undefined });
    assert.deepEqual(copyOptions(["-P"], { variables }).partial, { ...asked, dir: "env" });
    assert.deepEqual(copyOptions([], { variables }).partial, unsaid);
    assert.deepEqual(copyOptions(["--no-partial"]).partial, { ...unsaid, isRefused: true });
    assert.deepEqual(copyOptions(["--partial-dir=a/./b//"]).partial, { ...asked, dir: "a/b" });
    assert.deepEqual(copyOptions(["--partial-dir=."]).partial, { ...asked, dir: undefined });
    assert.deepEqual(copyOptions(["--delay-updates"]).partial, { ...asked, dir: ".~tmp~" });
  });

  it("are backed up beside themselves with ~, or in a directory without", () => {
    assert.deepEqual(copyOptions(["-b"]).backup, { on: true, dir: undefined, suffix: "~" });
    const inDir = { on: true, dir: "x/y", suffix: "" };
    assert.deepEqual(copyOptions(["--backup-dir=././x/y/"]).backup, inDir);
    const here = ["--backup-dir=.", "--suffix=.o"];
    assert.deepEqual(copyOptions(here).backup, { on: true, dir: undefined, suffix: ".o" });
  });

  it("may be compared in larger blocks with an older protocol named before", () => {
    const old = ["--protocol=29", "--block-size=1m"];
    assert.equal(copyOptions(old).transfer.blockSize, 2 ** 20);
    assert.equal(copyOptions(["-B0"]).transfer.blockSize, undefined);
    assert.equal(copyOptions(["-B", "128K"]).transfer.blockSize, 2 ** 17);
  });

  it("are copied whole when there is no checksum", () => {
    assert.equal(copyOptions([]).transfer.wholeFile, undefined);
    assert.equal(copyOptions(["--cc=none", "--no-W"]).transfer.wholeFile, true);
    assert.equal(copyOptions(["--cc=md5,none"]).transfer.wholeFile, undefined);
    assert.deepEqual(copyOptions(["--cc=XXHASH"]).transfer.checksumChoice, ["xxh64", "xxh64"]);
    assert.equal(copyOptions(["--cc=auto"]).transfer.checksumChoice, undefined);
  });
});

describe("output", () => {
  it("has a format that -i, -v and --out-format decide", () => {
    const format = (argv: string[]) => {
      const { outFormat, itemize, logBeforeTransfer } = copyOptions(argv).output;
      return [outFormat, itemize, logBeforeTransfer];
    };
    assert.deepEqual(format([]), [undefined, 0, false]);
    assert.deepEqual(format(["-v"]), ["%n%L", 0, true]);
    assert.deepEqual(format(["-v", "--info=name0"]), [undefined, 0, false]);
    assert.deepEqual(format(["-ivv"]), ["%i %n%L", 1, true]);
    assert.deepEqual(format(["-ii", "--out-format=%n %b"]), ["%n %b", 0, false]);
    assert.deepEqual(format(["-ii", "--out-format=%-12i"]), ["%-12i", 2, true]);
    assert.deepEqual(format(["--out-format=%%i"]), ["%%i", 0, true]);
    assert.deepEqual(format(["--progress"]), ["%n%L", 0, true]);
  });

  it("logs items in the default format unless told otherwise", () => {
    assert.equal(copyOptions(["--log-file-format=%f"]).output.logFileFormat, undefined);
    assert.equal(copyOptions(["--log-file=l"]).output.logFileFormat, "%i %n%L");
    const both = ["--log-file=l", "--log-file-format=%f"];
    assert.equal(copyOptions(both).output.logFileFormat, "%f");
  });

  it("has levels that -v raises and --info and --debug decide", () => {
    const quiet = copyOptions([]).output;
    assert.equal(quiet.info.nonreg, 1);
    assert.equal(quiet.info.name, 0);
    const loud = copyOptions(["--info=stats0,name", "-vvv", "--debug=none,acl4"]).output;
    assert.equal(loud.info.stats, 0);
    assert.equal(loud.info.name, 1);
    assert.equal(loud.info.misc, 2);
    assert.equal(loud.debug.acl, 4);
    assert.equal(loud.debug.recv, 0);
    assert.equal(copyOptions(["-vvv"]).output.debug.deltasum, 2);
    assert.equal(copyOptions(["--stats"]).output.info.stats, 2);
    assert.equal(copyOptions(["--stats", "-vv"]).output.info.stats, 3);
    assert.deepEqual(pick(copyOptions(["-P"]).output.info, "progress", "flist", "name"), [1, 2, 1]);
    assert.equal(copyOptions(["-P", "--out-format=%n"]).output.info.name, 0);
  });
});

describe("limits", () => {
  it("are in bytes and milliseconds", () => {
    assert.equal(copyOptions(["--bwlimit=1.5m"]).limits.bwlimit, 1_572_864);
    assert.equal(copyOptions(["--bwlimit=1000B"]).limits.bwlimit, 1024);
    assert.equal(copyOptions(["--bwlimit=8", "--no-bwlimit"]).limits.bwlimit, 0);
    assert.equal(copyOptions(["--timeout=3"]).limits.timeout, 3000);
    assert.equal(copyOptions(["--stop-after=2"], { now: 500 }).limits.stopAt, 120_500);
    assert.equal(copyOptions([]).limits.maxAlloc, 2 ** 30);
    const variables = { RSYNC_MAX_ALLOC: "2m" };
    assert.equal(copyOptions([], { variables }).limits.maxAlloc, 2 ** 21);
    assert.equal(copyOptions(["--max-alloc=3m"], { variables }).limits.maxAlloc, 3 * 2 ** 20);
  });
});

describe("environment variables", () => {
  it("set defaults of argument protection and of the remote shell", () => {
    const old = { variables: { RSYNC_OLD_ARGS: "1", RSYNC_PROTECT_ARGS: "1", RSYNC_RSH: "r" } };
    assert.deepEqual(pick(copyOptions([], old).remote, "oldArgs", "rsh"), [1, "r"]);
    assert.equal(copyOptions(["-s"], old).remote.oldArgs, 0);
    assert.equal(copyOptions(["--no-old-args"], old).remote.secludedArgs, true);
    assert.equal(optionsOf(["a", ""], old).target, ".");
  });
});

function pick<T, K extends keyof T>(record: T, ...keys: K[]): T[K][] {
  return keys.map((key) => record[key]);
}

/** Rules as short texts. */
function rules(list: readonly { readonly kind: string; readonly value: string }[]): string[] {
  return list.map(({ kind, value }) => (kind === "filter" ? value : `${kind} ${value}`));
}

describe("the target", () => {
  it("may be on another machine than the sources, which are not here either", () => {
    for (const source of ["h:a", "manifold://h/m/a"]) {
      const { far, onward } = optionsOf([source, "g:b"], { personality: "manifold" }).remote;
      assert.deepEqual([far?.role, far?.host, far?.paths], ["source", "h", ["a"]]);
      assert.deepEqual([onward?.role, onward?.host, onward?.paths], ["target", "g", ["b"]]);
    }
    assert.equal(optionsOf(["h:a", "b"], { personality: "manifold" }).remote.onward, undefined);
  });
});
