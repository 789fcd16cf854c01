// The system programs that tests use as oracles or to make odd trees, and the Debian packages they
// come in. They are installed where that is allowed (root and apt-get), with no service started;
// elsewhere the tests that need them skip, and this prints what to install.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Program to Debian package. */
const programs = {
  rsync: "rsync",
  ssh: "openssh-client",
  sshd: "openssh-server",
  setfacl: "acl",
  getfacl: "acl",
  setfattr: "attr",
  getfattr: "attr",
  fakeroot: "fakeroot",
  strace: "strace",
  ip: "iproute2",
  nft: "nftables",
  "mkfs.ext4": "e2fsprogs",
  losetup: "mount",
  unshare: "util-linux",
  setpriv: "util-linux",
  nginx: "nginx",
  apache2: "apache2-bin",
  lighttpd: "lighttpd",
  python3: "python3",
  xz: "xz-utils",
  mkntfs: "ntfs-3g",
  "lowntfs-3g": "ntfs-3g",
};

/** While this file exists and ends with 101, Debian's packages start no services. */
const policy = "/usr/sbin/policy-rc.d";

/**
 * Installs the packages of missing programs where it may, and says on stdout what it did.
 * @returns {string[]} The programs that are still missing.
 */
export function ensurePrograms() {
  const missing = missingPrograms();
  if (missing.length === 0) return [];
  const packages = [...new Set(missing.map((program) => programs[program]))];
  if (process.getuid?.() === 0 && isInPath("apt-get")) {
    console.log(`installing Debian packages: ${packages.join(" ")}`);
    install(packages);
  }
  const left = missingPrograms();
  if (left.length > 0) {
    console.log(`missing programs, tests that need them are skipped: ${left.join(" ")}`);
    console.log(`to run them too: sudo apt-get install ${packages.join(" ")}`);
  }
  return left;
}

function missingPrograms() {
  return Object.keys(programs).filter((program) => !isInPath(program));
}

function isInPath(program) {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function install(packages) {
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    // Old lists may still offer an rsync that the oracles do not take.
    aptGet(["update"]);
    aptGet(["install", "-y", "--no-install-recommends", ...packages]);
  } finally {
    if (isOurs) unlinkSync(policy);
  }
}

function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const stdio = ["ignore", "ignore", "inherit"];
  return spawnSync("apt-get", ["-q", ...args], { env, stdio }).status;
}
