// The configuration of a daemon: its syntax against generated files, its values and its refusals one by one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ManifoldError } from "../../src/base/index.ts";
import { globalParameters, moduleParameters } from "../../src/daemon/config/parameters.ts";
import {
  type ClientVariables,
  type DaemonConfig,
  expandCommand,
  expandModule,
  mayComeFrom,
  parseConfig,
} from "../../src/daemon/index.ts";

const open = "allowed keys = *";

function parse(text: string, others: Record<string, string> = {}): DaemonConfig {
  return parseConfig("conf", (path) => (path === "conf" ? text : others[path]), {
    variables: { HERE: "/srv" },
  });
}

function refused(text: string, expected: RegExp, others: Record<string, string> = {}): void {
  assert.throws(
    () => parse(text, others),
    (error) => {
      assert.ok(error instanceof ManifoldError);
      assert.match(error.message, expected);
      return error.exit === 1;
    },
  );
}

test("a configuration in rsync's syntax, with our parameters", () => {
  const config = parse(`
# a comment
  port = 8731
log file=/var/log/manifold.log
ALLOWED   Keys = /etc/manifold/allowed

[ home  of   anna ]
  path = %HERE%/anna 100%%
  read only = No
  comment = her = things \\
    go on
  hosts allow = 10.0.0.0/8, 2001:db8::/32
  exclude = *.tmp .cache/
  filter = P *.keep
  timeout = 60
[drop]
  path = /srv/drop
  write only = yes
  allowed keys = *
  max connections = 4
  use chroot = yes
`);
  const [home, drop] = config.modules;
  assert.equal(config.settings.port, 8731);
  assert.equal(config.settings.logFile, "/var/log/manifold.log");
  assert.ok(home !== undefined && drop !== undefined);
  assert.equal(home.name, "home of anna");
  assert.equal(home.path, "/srv/anna 100%");
  assert.equal(home.comment, "her = things     go on");
  assert.equal(home.readOnly, false);
  assert.equal(home.timeoutMs, 60_000);
  assert.equal(home.allowedKeys, "/etc/manifold/allowed");
  assert.deepEqual(home.filters, [
    { kind: "exclude", text: "*.tmp .cache/" },
    { kind: "filter", text: "P *.keep" },
  ]);
  assert.deepEqual([drop.readOnly, drop.writeOnly, drop.maxConnections], [false, true, 4]);
  assert.equal(drop.allowedKeys, "*");
  assert.deepEqual(drop.filters, []);
  assert.ok(Object.isFrozen(home) && Object.isFrozen(home.filters));
  assert.match(config.warnings.join(), /^conf, line 21: "use chroot" has no effect: /);
});

for (const [text, expected] of [
  ["[a]\npath = /x\n", /^conf, line 1: \[a\] says nothing about who may use it/],
  [`[a]\n${open}\n`, /^conf, line 1: \[a\] has no path/],
  [`[a]\npath = x\n${open}`, /line 2: "path" is an absolute path, not "x"/],
  [`${open}\n[a]\npath=/x\n[a]\npath=/y`, /line 4: \[a\] is there already, in line 2/],
  ["\n\nread olny = yes", /line 3: "read olny" is no parameter/],
  ["constructor = yes", /line 1: "constructor" is no parameter/],
  ["__proto__ = yes", /line 1: "__proto__" is no parameter/],
  ["timeout = 1e3", /line 1: "timeout" is a whole number from 0/],
  ["port = 70000", /line 1: "port" is a whole number from 1 to 65535/],
  ["list = maybe", /line 1: "list" is yes or no, not "maybe"/],
  ["socket options = SO_SNDBUF=9", /line 1: "socket options" is TCP_NODELAY and SO_KEEPALIVE/],
  ["[a]\nport = 1", /line 2: "port" is no parameter of modules/],
  ["auth users = anna", /line 1: "auth users" does not work here: .*allowed keys/],
  ["hosts allow = *.example.org", /line 1: "\*\.example\.org" is no address/],
  ["hosts deny = 10.0.0.0/33", /line 1: "10\.0\.0\.0\/33" is no address/],
  ["[a/b]", /line 1: a module's name has no slash/],
  ["[]", /line 1: a module's name stands alone/],
  ["[a] x", /line 1: a module's name stands alone/],
  ["nonsense", /line 1: expected/],
  [`[a]\npath=/x\n${open}\nread only=1\nwrite only=1`, /line 1: \[a\] is read only and write only/],
  ["&merge /none", /line 1: there is no file \/none/],
  ["&merge conf", /line 1: files are taken in 8 deep at most/],
] as const) {
  test(`refused: ${JSON.stringify(text)}`, () => refused(text, expected));
}

test("what a file taken in says counts outside with &merge, not with &include", () => {
  const more = { "/more": "timeout = 5\n[m]\npath=/m" };
  const times = (how: string): (number | undefined)[] =>
    parse(`${open}\ntimeout = 9\n&${how} /more\n[n]\npath=/n`, more).modules.map(
      ({ timeoutMs }) => timeoutMs,
    );
  assert.deepEqual(times("include"), [5000, 9000]);
  assert.deepEqual(times("merge"), [5000, 5000]);
  refused(`${open}\n&merge /bad`, /^\/bad, line 2: "x" is no parameter/, { "/bad": "\nx = y" });
});

test("a directory that is taken in stands for its files of one ending, by name", () => {
  const texts: Record<string, string> = {
    conf: "&include = /d/\n&merge /d",
    "/d/2.conf": "[b]\npath=/b",
    "/d/1.conf": "[a]\npath=/a",
    "/d/.0.conf": "[hidden]\npath=/h",
    "/d/x.inc": "[c]\npath=/c",
  };
  const names = ["2.conf", "README", "1.conf", ".0.conf", "x.inc"];
  const { modules } = parseConfig("conf", (path) => texts[path], {
    withoutKeys: true,
    names: (path) => (/^\/d\/?$/.test(path) ? names : undefined),
  });
  assert.deepEqual(
    modules.map(({ name }) => name),
    ["a", "b", "c"],
  );
});

test("what parameters say of a client is put in: into paths only names, into commands only words", () => {
  const { modules } = parseConfig(
    "conf",
    () =>
      "[m]\npath = /home/%RSYNC_USER_NAME%/./x\ncomment = %RSYNC_HOST_ADDR% %RSYNC_OTHER%\npre-xfer exec = p %RSYNC_USER_NAME%",
    { withoutKeys: true, forRsync: true },
  );
  const [written] = modules;
  assert.ok(written !== undefined);
  const of = (user: string): ClientVariables => ({
    RSYNC_USER_NAME: user,
    RSYNC_HOST_ADDR: "::1",
  });
  const module = expandModule(written, of("me"));
  assert.equal(module.path, "/home/me/x");
  assert.equal(module.comment, "::1 %RSYNC_OTHER%");
  const command = module.rsync["pre-xfer exec"] ?? "";
  assert.equal(expandCommand(command, of("me.a-b_1")), "p me.a-b_1");
  for (const user of ["", ".", "..", "../root", "a/b"]) {
    assert.throws(() => expandModule(written, of(user)), /which no path may hold/, user);
  }
  for (const byte of " \t'\"`$\\;&|<>()*?[]#!~{}\u0001\u007f") {
    assert.throws(
      () => expandCommand(command, of(`a${byte}`)),
      /holds a shell metacharacter/,
      byte,
    );
  }
});

test("rsync's own parameters: links are stored as they are where rsync would take root", () => {
  const munges = (lines: string): boolean | undefined =>
    parseConfig("conf", () => `[m]\n${lines}`, { withoutKeys: true, forRsync: true }).modules[0]
      ?.mungeSymlinks;
  assert.equal(munges("path = /m\nuse chroot = yes"), false);
  assert.equal(munges("path = /m\nuse chroot = yes\nmunge symlinks = yes"), true);
  assert.equal(munges("path = /top/./m\nuse chroot = yes"), undefined);
  assert.equal(munges("path = /m\nuse chroot = no"), undefined);
});

test("who may come: what is allowed is looked at first, then what is denied", () => {
  const may = (allow: string[] | undefined, deny: string[] | undefined, address: string): boolean =>
    mayComeFrom({ hostsAllow: allow, hostsDeny: deny }, address);
  assert.ok(may(undefined, undefined, "192.0.2.1"));
  assert.ok(may(["192.0.2.0/255.255.255.0"], undefined, "192.0.2.1"));
  assert.ok(!may(["192.0.2.0/24"], undefined, "192.0.3.1"));
  assert.ok(may(["192.0.2.1"], ["*"], "192.0.2.1"));
  assert.ok(!may(["192.0.2.1"], ["*"], "192.0.2.2"));
  assert.ok(may(["192.0.2.1"], ["192.0.3.0/24"], "192.0.4.1"));
  assert.ok(!may(undefined, ["2001:db8::/32"], "2001:db8:1::1"));
  assert.ok(may([], [], "::1"));
});

test("names and values survive any blanks, comments and continued lines around them", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,10}$/);
  const blank = fc.stringMatching(/^[ \t]{0,3}$/);
  const noise = fc.constantFrom("", "# comment = x\n", "\n", "   \n", "  # [x]\n");
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ name: word, path: word, comment: word, readOnly: fc.boolean() }), {
        selector: ({ name }) => name,
        maxLength: 6,
      }),
      blank,
      noise,
      fc.boolean(),
      (modules, gap, line, isContinued) => {
        const cut = isContinued ? "\\\n" : "";
        const text = modules
          .filter(({ name }) => name !== "global")
          .map(
            ({ name, path, comment, readOnly }) =>
              `${gap}[${gap}${name}${gap}]${gap}\n${line}${gap}path${gap}=${cut}${gap}/${path}${gap}\n` +
              `${line}READ  only${gap}=${gap}${readOnly ? "TRUE" : "0"}\ncom${cut}ment = ${comment}\n`,
          )
          .join(line);
        const { modules: read } = parse(`${open}\n${text}`);
        assert.deepEqual(
          read.map(({ name, path, comment, readOnly }) => ({ name, path, comment, readOnly })),
          modules
            .filter(({ name }) => name !== "global")
            .map(({ name, path, comment, readOnly }) => ({
              name,
              path: `/${path}`,
              comment,
              readOnly,
            })),
        );
      },
    ),
  );
});

test("any text is a configuration or one error with its line", () => {
  const piece = fc.constantFrom(
    "[a]",
    "[",
    "]",
    "=",
    "path",
    "/x",
    " ",
    "\\",
    "\n",
    "#",
    "%",
    "&merge ",
    open,
    "timeout",
    "9",
    "\0",
    "é",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        parse(pieces.join(""));
      } catch (error) {
        assert.ok(error instanceof ManifoldError);
        assert.match(error.message, /, line \d+: /);
      }
    }),
    { numRuns: 2000 },
  );
});

test("the manual has every parameter", () => {
  const manual = readFileSync(
    join(import.meta.dirname, "..", "..", "docs/manual/serve.md"),
    "utf8",
  );
  for (const name of [...Object.keys(globalParameters), ...Object.keys(moduleParameters)]) {
    assert.ok(manual.includes(`\`${name}\``), name);
  }
});
