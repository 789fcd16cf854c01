// The texts that derive from the table.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  buildFacts,
  categories,
  flags,
  type GeneratedKind,
  type Personality,
  textOf,
  verbs,
} from "../../src/options/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { rsyncLongNames } from "./rsync-names.ts";

const compressions = ["zlibx", "zlib", "none"];
const facts = buildFacts("1.2.3", true, compressions);
const personalities: readonly Personality[] = ["manifold", "manifold-rsync"];
const visible = flags.filter(({ hidden }) => hidden !== true);

const help = (personality: Personality, topic?: string) =>
  textOf({ kind: "help", topic, exit: 0 }, personality, facts);
const generate = (what: GeneratedKind, program: Personality = "manifold") =>
  textOf({ kind: "generate", what, program }, program, facts);

describe("--help", () => {
  it("has one line for every option that people use", () => {
    for (const personality of personalities) {
      const lines = help(personality).split("\n");
      for (const { name, short } of visible) {
        const title = name === undefined ? `-${short}` : `--${name}`;
        const found = lines.filter((line) =>
          line
            .trim()
            .split(/[ ,=[]+/)
            .slice(0, 2)
            .includes(title),
        );
        assert.equal(found.length, 1, `${personality}: ${title}`);
      }
    }
  });

  it("has rsync's shape for manifold-rsync: version, usage, options at the start of lines", () => {
    const text = help("manifold-rsync");
    assert.match(text, /^rsync {2}version 3\.5\.0 {2}protocol version 32\n/);
    assert.match(text, /\nUsage: rsync /);
    assert.match(text, /\n--delete-during {10}\S/);
    for (const line of [
      "--recursive, -r",
      "--del ",
      "--no-i-r",
      "--cc=STR",
      "-P ",
      "--no-OPTION",
    ]) {
      assert.ok(text.includes(`\n${line}`), line);
    }
  });

  it("tells more about every option and verb", () => {
    for (const { name, short, manual, status } of flags) {
      const text = help("manifold", name === undefined ? `-${short}` : `--${name}`);
      assert.ok(text.includes(manual), name);
      assert.equal(text.includes("Not available yet"), status === "planned", name);
    }
    for (const { name, help: line } of verbs) assert.ok(help("manifold", name).includes(line));
    assert.match(help("manifold", "--no-perms"), /--perms/);
    assert.match(help("manifold", "--max-size=5"), /SIZE/);
    assert.throws(() => help("manifold", "nonsense"), /no verb, option or topic nonsense/);
  });

  it("lists the options of each topic, and names all topics", () => {
    const whole = help("manifold");
    for (const category of categories) {
      const text = help("manifold", category);
      assert.ok(whole.includes(text.slice(0, text.indexOf("\n\n"))), category);
      assert.match(whole, new RegExp(`TOPIC[\\s\\S]*\\b${category}\\b`));
    }
    assert.match(help("manifold", "--links"), /^-l, --links\n/);
  });

  it("answers a bare manifold at a glance, a bare manifold-rsync as rsync does", () => {
    const answer = (personality: Personality) =>
      textOf({ kind: "help", topic: undefined, exit: 1 }, personality, facts);
    assert.ok(answer("manifold").split("\n").length < 12);
    assert.match(answer("manifold"), /Usage: manifold.*--help/s);
    assert.equal(answer("manifold-rsync"), help("manifold-rsync"));
  });

  it("has the daemon's options apart", () => {
    const text = textOf({ kind: "daemon-help" }, "manifold-rsync", facts);
    assert.match(text, /rsync --daemon/);
    assert.match(text, /\n--no-detach /);
  });
});

describe("--version", () => {
  it("begins as rsync's for manifold-rsync and says what it is", () => {
    const text = textOf({ kind: "version" }, "manifold-rsync", facts);
    assert.match(text, /^rsync {2}version 3\.5\.0 {2}protocol version 32\n.*manifold 1\.2\.3/);
    assert.match(textOf({ kind: "version" }, "manifold", facts), /^manifold 1\.2\.3/);
    assert.match(text, /\nCapabilities:\n(?: {4}.*\n)+Checksum list:\n {4}\S/);
    assert.ok(text.split("\n").every((line) => line.length <= 80));
  });

  it("tells what works: batches, IPv6, arguments past the shell, compression", () => {
    const text = textOf({ kind: "version" }, "manifold-rsync", facts).replace(/\n +/g, " ");
    for (const able of ["batchfiles", "IPv6", "secluded-args"]) {
      assert.match(text, new RegExp(`, ${able},`));
    }
    assert.match(text, /, no iconv, no crtimes\n/);
    assert.match(text, /\nCompress list: zlibx zlib none\n/);
  });

  it("given twice is JSON with rsync's keys", () => {
    const text = textOf({ kind: "version-json" }, "manifold-rsync", facts);
    const record = JSON.parse(text);
    for (const key of ["program", "version", "protocol", "capabilities", "optimizations"]) {
      assert.ok(key in record, key);
    }
    for (const key of ["checksum_list", "compress_list", "daemon_auth_list"]) {
      assert.ok(Array.isArray(record[key]), key);
    }
    // rsync's tests look for these very bytes.
    assert.ok(text.includes('"ACLs": true') && text.includes('"crtimes": false'));
    const poor = textOf(
      { kind: "version-json" },
      "manifold-rsync",
      buildFacts("1", false, compressions),
    );
    assert.ok(poor.includes('"ACLs": false') && poor.includes('"hardlinks": true'));
  });
});

describe("--info=help and --debug=help", () => {
  it("name every word and what each -v adds", () => {
    const info = textOf({ kind: "info-help" }, "manifold", facts);
    const debug = textOf({ kind: "debug-help" }, "manifold", facts);
    for (const word of ["BACKUP", "SYMSAFE", "ALL", "NONE", "HELP"]) {
      assert.match(info, new RegExp(`^${word} +\\S`, "m"));
    }
    assert.match(debug, /^DELTASUM +\S/m);
    assert.match(info, /^1\) COPY,DEL,FLIST,MISC,NAME,STATS,SYMSAFE$/m);
    assert.match(debug, /^5\) CHDIR,DELTASUM4,FLIST4,FUZZY2,HASH,HLINK$/m);
  });
});

describe("the manual page", () => {
  it("has every option, and no line that roff would take for a request", () => {
    const page = generate("man");
    for (const { name } of visible) {
      if (name !== undefined)
        assert.ok(page.includes(`\\-\\-${name.replaceAll("-", "\\-")}`), name);
    }
    const requests = /^(?:\.(?:TH|SH|SS|TP|IP|PP|B|BR|br|RS|RE|nf|fi) ?|[^.'])/;
    for (const line of page.split("\n")) assert.match(`${line} `, requests, line);
    assert.match(generate("man", "manifold-rsync"), /^\.TH "MANIFOLD\\-RSYNC"/);
  });

  it("is accepted by groff without warnings", (test) => {
    const made = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-z"], { input: generate("man") });
    if (made.error !== undefined) return test.skip("needs groff");
    assert.equal(String(made.stderr), "");
    return undefined;
  });
});

describe("completions", () => {
  it("know every name of every visible option", () => {
    for (const kind of ["bash", "zsh", "fish"] as const) {
      for (const program of personalities) {
        const script = generate(kind, program);
        assert.ok(script.includes(program));
        const dashes = kind === "fish" ? " -l " : "--";
        for (const flag of visible) {
          for (const name of [flag.name, ...(flag.aliases ?? []), ...(flag.negations ?? [])]) {
            if (name !== undefined) assert.ok(script.includes(dashes + name), `${kind}: ${name}`);
          }
        }
      }
    }
    assert.ok(rsyncLongNames.length > 200);
  });

  it("work in bash", (test) => {
    using folder = temporaryFolder();
    writeFileSync(folder.at("sy 2"), "");
    const ask = `${generate("bash")}
      compopt() { echo "compopt $*"; }
      COMP_WORDS=(manifold --delete-b); COMP_CWORD=1; _manifold; echo "\${COMPREPLY[*]}"
      COMP_WORDS=(manifold --durable = b); COMP_CWORD=3; _manifold; echo "\${COMPREPLY[*]}"
      COMP_WORDS=(manifold sy); COMP_CWORD=1; _manifold; printf '%s|' "\${COMPREPLY[@]}"; echo
      COMP_WORDS=(manifold -T sy); COMP_CWORD=2; _manifold; echo "\${#COMPREPLY[@]}"`;
    const { error, stdout, stderr } = spawnSync("bash", ["-c", ask], {
      cwd: folder.path,
      encoding: "utf8",
    });
    if (error !== undefined) return test.skip("needs bash");
    assert.equal(stderr, "");
    assert.deepEqual(stdout.trim().split("\n"), [
      "--delete-before",
      "batch",
      "compopt -o filenames",
      "sync|sy 2|",
      "compopt +o default -o dirnames",
      "0",
    ]);
    return undefined;
  });

  it("work in fish", (test) => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("a dir"));
    const ask = (line: string): string => `complete -C '${line}'\n`;
    const asks = ask("manifold --durable=f") + ask("manifold --link-dest=a");
    writeFileSync(folder.at("script"), generate("fish") + asks);
    const { error, stdout } = spawnSync("fish", [folder.at("script")], {
      cwd: folder.path,
      env: { ...process.env, HOME: folder.path },
      encoding: "utf8",
    });
    if (error !== undefined) return test.skip("needs fish");
    const words = stdout
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[0]);
    assert.deepEqual(words, ["--durable=file", "--link-dest=a dir/"]);
    return undefined;
  });

  it("are syntax that zsh and fish accept, where these are installed", (test) => {
    using folder = temporaryFolder();
    for (const shell of ["zsh", "fish"] as const) {
      writeFileSync(folder.at(shell), generate(shell));
      const { error, status, stderr } = spawnSync(shell, ["-n", folder.at(shell)], {
        env: { ...process.env, HOME: folder.path },
        encoding: "utf8",
      });
      if (error !== undefined) test.diagnostic(`${shell} is not installed`);
      else assert.equal(status, 0, stderr);
    }
  });
});
