// Trees behind OpenSSH's SFTP server: started by itself, which is quick, and behind a real sshd (internal-sftp).

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, describe, test } from "node:test";
import { systemClock } from "../../../src/base/index.ts";
import { SftpSource } from "../../../src/source/index.ts";
import { noSshd, type SshServer, startSshd } from "../../cli/ssh-server.ts";
import { file, symlink, temporaryFolder, treeOf, writeTree } from "../../support/index.ts";
import { isTrouble } from "../conformance/listings.ts";
import { sourceSuite } from "../conformance/source-suite.ts";

const { signal } = new AbortController();

let server: Promise<SshServer> | undefined;
after(async () => (await server)?.[Symbol.asyncDispose]());

async function open(path: string): Promise<SftpSource> {
  server ??= startSshd();
  const { shell } = await server;
  return new SftpSource({ host: "there", path, shell: shell.split(" "), clock: systemClock });
}

const program = ["/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server"].find(
  existsSync,
);
const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";

if (program === undefined) test("source sftp-server", { skip: "no sftp-server" }, () => undefined);
else {
  // What is meant for ssh is nothing to it.
  const shell = ["/bin/sh", "-c", `exec ${program}`];
  const place = { host: "here", shell, clock: systemClock };
  sourceSuite("sftp-server", async (path) => ({ source: new SftpSource({ ...place, path }) }));
}

if (noSshd !== false) test("source sshd", { skip: noSshd }, () => undefined);
else {
  if (isLong) sourceSuite("sshd", async (folder) => ({ source: await open(folder) }));

  describe("sftp", () => {
    test("links, modes and names that are no text are told", async () => {
      await using folder = temporaryFolder();
      const tree = treeOf({
        "\xe9\xff\n": file("odd", { mode: 0o4711 }),
        link: symlink("../aw\xe9y"),
        "sub/": {},
        ".manifold/": {},
      });
      writeTree(folder.path, tree);
      const source = await open(folder.path);
      await source.probe(signal);
      const { entries, self } = await source.list("", signal);
      const byName = new Map(entries.map((entry) => [entry.name, entry]));
      assert.deepEqual([...byName.keys()].sort(), ["link", "sub", "\xe9\xff\n"]);
      assert.equal(byName.get("link")?.linkTarget, "../aw\xe9y");
      assert.equal(byName.get("\xe9\xff\n")?.mode, 0o4711);
      assert.equal(self?.mode, 0o700);
      await source.close();
    });

    test("a folder that is not there, and a name that would be an option, are refused", async () => {
      const source = await open("/nowhere/at/all");
      await assert.rejects(source.probe(signal), isTrouble("absent"));
      await source.close();
      const option = new SftpSource({
        host: "-oProxyCommand=touch /tmp/x",
        path: "/",
        clock: systemClock,
      });
      await assert.rejects(option.probe(signal), isTrouble("refused"));
    });

    test("a machine that cannot be reached is told in ssh's place", async () => {
      const source = new SftpSource({
        host: "there",
        path: "/",
        shell: ["false"],
        clock: systemClock,
      });
      await assert.rejects(source.probe(signal), isTrouble("connection"));
      await source.close();
    });
  });
}
