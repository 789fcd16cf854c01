// What serves: the verbs serve and key, --daemon, places in modules, and what a server lets its clients ask for.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManifoldError } from "../../src/base/index.ts";
import { type Options, parse, parseFar } from "../../src/options/index.ts";

const around = { RSYNC_CONNECT_PROG: "connect %H" };

function optionsOf(argv: readonly string[], personality: "manifold" | "manifold-rsync"): Options {
  const parsed = parse(argv, personality, around);
  assert.equal(parsed.kind, "run");
  return parsed.kind === "run" ? parsed.options : assert.fail();
}

function refuses(exit: number, message: RegExp, act: () => unknown): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof ManifoldError);
    assert.match(error.message, message);
    return error.exit === exit;
  });
}

describe("serving", () => {
  it("has a table of options of its own", () => {
    const asked = {
      config: "/c",
      address: "::1",
      port: 0,
      ipVersion: 6,
      logFile: "/l",
      sockopts: undefined,
      onPipe: false,
    };
    const words = ["--config=/c", "--address", "::1", "--port=0", "-6", "--log-file=/l"];
    const sockopts = "TCP_NODELAY";
    assert.deepEqual(parse(["serve", ...words, `--sockopts=${sockopts}`], "manifold", {}), {
      kind: "serve",
      way: "port",
      asked: { ...asked, sockopts },
    });
    assert.deepEqual(parse([...words, "--daemon", "."], "manifold-rsync", {}), {
      kind: "serve",
      way: "pipe",
      asked,
    });
    refuses(1, /^--archive: unknown option/, () => parse(["serve", "--archive"], "manifold", {}));
    refuses(1, /takes options only/, () => parse(["serve", "x"], "manifold", {}));
    refuses(4, /^--bwlimit/, () => parse(["serve", "--bwlimit=3"], "manifold", {}));
  });

  it("leaves the words of key to who knows them", () => {
    const parsed = parse(["key", "pair", "host", "--config=/c"], "manifold", {});
    assert.ok(parsed.kind === "key");
    assert.deepEqual(parsed.words, ["pair", "host"]);
    assert.equal(parsed.asked.config, "/c");
  });
});

describe("places in modules", () => {
  it("are taken apart", () => {
    const cases: readonly (readonly [string, object])[] = [
      ["manifold://h/m", { host: "h", port: undefined, module: "m", paths: ["."] }],
      ["manifold://h:99/m/", { host: "h", port: 99, module: "m", paths: ["."] }],
      ["manifold://[::1]:99/m/a/b/", { host: "::1", port: 99, module: "m", paths: ["a/b/"] }],
      ["manifold://h/m/../x", { host: "h", port: undefined, module: "m", paths: ["../x"] }],
    ];
    for (const [written, far] of cases) {
      const all = { role: "source", kind: "manifold-daemon", list: undefined, ...far };
      assert.deepEqual(optionsOf([written, "x"], "manifold").remote.far, all, written);
      const target = optionsOf(["x", written], "manifold").remote.far;
      assert.deepEqual(target, { ...all, role: "target" }, written);
    }
    for (const written of ["rsync://h/m/p", "h::m/p"]) {
      const { far } = optionsOf([written, "x"], "manifold-rsync").remote;
      assert.equal(far?.program, "connect %H");
      assert.deepEqual([far?.module, far?.paths], ["m", ["p"]]);
    }
  });

  it("must be in one module, and a module must be named to be written to", () => {
    const wrong: readonly (readonly [RegExp, readonly string[]])[] = [
      [/the same module/, ["manifold://h/m/a", "manifold://h/n/b", "x"]],
      [/the same module/, ["manifold://h/m/a", "manifold://h:5/m/b", "x"]],
      [/the same machine/, ["manifold://h/m/a", "manifold://g/m/b", "x"]],
      [/start with a module name/, ["x", "manifold://h/"]],
      [/start with a module name/, ["manifold://h//etc", "x"]],
      [/expected manifold:\/\/HOST/, ["manifold://h:port/m", "x"]],
      [/expected manifold:\/\/HOST/, ["manifold://h:70000/m", "x"]],
      [/expected manifold:\/\/HOST/, ["manifold:///m", "x"]],
    ];
    for (const [message, argv] of wrong) refuses(1, message, () => optionsOf(argv, "manifold"));
    assert.equal(optionsOf(["manifold://h/"], "manifold").remote.far?.module, "");
  });
});

describe("a server's end", () => {
  const ask = (words: readonly string[], refused: readonly string[] = []): Options =>
    parseFar({ words, ownWords: ["--numeric-ids"], places: ["a", "."], refused }, "manifold");

  it("takes what other ends are told", () => {
    const options = ask(["--times", "--backup-dir=x", "-r"]);
    assert.equal(options.backup.dir, "x");
    assert.equal(options.preserve.numericIds, true);
  });

  it("refuses what would read or write files of its machine by their names", () => {
    for (const word of [
      "--files-from=/etc/passwd",
      "--log-file=/tmp/x",
      "--write-batch=/tmp/x",
      "--only-write-batch=/tmp/x",
      "--read-batch=/tmp/x",
      "--tee=/tmp/x",
      "--password-file=/etc/passwd",
      "--rsh=sh",
      "--json=/tmp/x",
      "-e/bin/sh",
      "-F",
      "--copy-devices",
      "--write-devices",
    ]) {
      refuses(4, /^The server is configured to refuse -/, () => ask([word]));
    }
  });

  it("takes rules from files, which are those of its tree", () => {
    for (const word of ["--exclude-from=/x", "--include-from=/x", "--filter=. /x"]) ask([word]);
  });

  it("records for the client, and knows no file for that", () => {
    for (const word of ["--tee=-", "--write-batch=-"])
      assert.equal(ask([word]).own.capture?.file, "-");
    const only = ask(["--only-write-batch=-"]);
    assert.equal(only.transfer.dryRun, true);
  });

  it("is not talked out of its own options", () => {
    refuses(1, /no run/, () => ask(["--"]));
    refuses(1, /missing argument/, () => ask(["--backup-dir"]));
    refuses(1, /no run/, () => ask(["--version", "--help"]));
    refuses(1, /no run/, () => ask(["x"]));
    assert.equal(ask(["--no-numeric-ids"]).preserve.numericIds, true);
  });

  it("refuses the options that its configuration names", () => {
    const cases: readonly (readonly [readonly string[], readonly string[], boolean])[] = [
      [["delete"], ["--delete-after"], true],
      [["delete"], ["--del"], true],
      [["delete"], ["--times"], false],
      [["checksum"], ["-c"], true],
      [["c"], ["--checksum"], true],
      [["*", "!a*"], ["--acls"], false],
      [["*", "!a*"], ["--checksum"], true],
      [["*", "!a"], ["--recursive", "--links", "-ptgoD"], false],
      [["*", "!archive"], ["--checksum"], true],
      [["a"], ["--links"], true],
      [["archive*"], ["--links"], false],
      [["*"], ["--dry-run"], false],
      [["n"], ["--dry-run"], true],
      [["back?p"], ["--backup"], true],
      [["backup"], ["--backup-dir=x"], false],
      [["!write-devices"], ["--write-devices"], true],
    ];
    for (const [refused, words, isRefused] of cases) {
      if (isRefused) refuses(4, /^The server is configured to refuse/, () => ask(words, refused));
      else ask(words, refused);
    }
    const trusted = { words: ["--write-devices"], ownWords: [], refused: undefined };
    assert.ok(parseFar({ ...trusted, places: ["a", "."] }, "manifold").transfer.writeDevices);
  });
});
