// A real sshd on the loopback, for one test: its own keys, its own configuration, a port of its own, and
// everything in the test's folder. Whoever runs the test logs in as himself.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { isRoot } from "./run-ours.ts";

/** An sshd, and how to reach it. */
export interface SshServer extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly port: number;
  readonly user: string;
  /** For -e: knows the host "there" and its key. */
  readonly shell: string;
  /** The process that listens; each connection is a child of it. */
  readonly pid: number;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Another process may take a port that was free a moment ago. */
const triesMax = 5;

const sshd = findProgram("sshd");
const isThere = sshd !== undefined && findProgram("ssh") !== undefined;

/** Why there can be no sshd here; false = there can. */
export const noSshd: string | false = isThere ? whyRefused() : "no sshd and ssh in PATH";

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Asks an sshd that serves standard input whether its user may log in at all. */
function whyRefused(): string | false {
  // Where no init system has made it: root's sshd parts with its privileges there.
  if (isRoot) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  using folder = temporaryFolder();
  const configuration = configure(folder, 22);
  const proxy = `ProxyCommand=${sshd} -i -f ${configuration}`;
  const argv = ["-F", folder.at("ssh_config"), "-o", proxy, "there", "true"];
  const ran = spawnSync("ssh", argv, { encoding: "utf8", timeout: 20_000 });
  return ran.status === 0 ? false : `sshd lets nobody in: ${ran.stderr.trim()}`;
}

/** Starts one. The folder goes with it. */
export async function startSshd(): Promise<SshServer> {
  const folder = temporaryFolder();
  for (let left = triesMax; ; left--) {
    const port = await freePort();
    const child = spawn(sshd ?? "", ["-D", "-e", "-f", configure(folder, port)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const said = await listening(child);
    if (said === undefined) return server(folder, port, child);
    if (left === 0 || !/Address already in use/.test(said)) throw new Error(`sshd: ${said}`);
  }
}

function server(folder: TemporaryFolder, port: number, child: ChildProcess): SshServer {
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return {
    folder,
    port,
    user: userInfo().username,
    shell: `ssh -F ${folder.at("ssh_config")}`,
    pid: child.pid ?? 0,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      folder.remove();
    },
  };
}

/** Waits until it listens; what it said instead when it does not. */
function listening(child: ChildProcess): Promise<string | undefined> {
  let said = "";
  return new Promise((resolve) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (said.length < 10_000) said += text;
      if (/^Server listening on/m.test(said)) resolve(undefined);
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => resolve(said));
  });
}

/** Writes keys and both sides' configuration, and returns the path of the server's. */
function configure(folder: TemporaryFolder, port: number): string {
  for (const name of ["host_key", "user_key"]) {
    if (!existsSync(folder.at(name))) {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder.at(name)]);
    }
  }
  const node = dirname(process.execPath);
  writeFileSync(
    folder.at("sshd_config"),
    `ListenAddress 127.0.0.1:${port}
ListenAddress [::1]:${port}
HostKey ${folder.at("host_key")}
AuthorizedKeysFile ${folder.at("user_key.pub")}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PermitUserRC no
Subsystem sftp internal-sftp
MaxStartups 100
SetEnv PATH=${node}:/usr/local/bin:/usr/bin:/bin HOME=${folder.path}
`,
  );
  const key = readFileSync(folder.at("host_key.pub"), "utf8");
  const names = ["there", "127.0.0.1", "[127.0.0.1]:*", "::1", "[::1]:*"].join(",");
  writeFileSync(folder.at("known_hosts"), `${names} ${key}`);
  writeFileSync(
    folder.at("ssh_config"),
    `Host there
  HostName 127.0.0.1
  HostKeyAlias there
Host *
  Port ${port}
  IdentityFile ${folder.at("user_key")}
  IdentitiesOnly yes
  UserKnownHostsFile ${folder.at("known_hosts")}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
  PreferredAuthentications publickey
  LogLevel ERROR
`,
  );
  return folder.at("sshd_config");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
