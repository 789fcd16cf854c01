// A Debian archive for a test: packages of the machine's own cache where there are some, real ones made on the spot where there are
// none, and indices as an archive has them.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const cache = "/var/cache/apt/archives";
/** Small ones: there are thousands. */
const packageBytesMax = 40_000;

/** Puts `count` packages into a folder and returns their paths. */
export function collectPackages(folder: string, count: number): string[] {
  mkdirSync(folder, { recursive: true });
  const found = existsSync(cache) ? readdirSync(cache).filter((name) => name.endsWith(".deb")) : [];
  const small = found
    .filter((name) => statSync(join(cache, name)).size <= packageBytesMax)
    .slice(0, count);
  const paths = small.map((name) => {
    copyFileSync(join(cache, name), join(folder, name));
    return join(folder, name);
  });
  while (paths.length < count) paths.push(makePackage(folder, `made-${paths.length}`, "1.0"));
  return paths;
}

/** Makes a package with dpkg-deb. */
export function makePackage(folder: string, name: string, version: string): string {
  const top = join(folder, `${name}-tree`);
  mkdirSync(join(top, "DEBIAN"), { recursive: true });
  mkdirSync(join(top, "usr/share/doc", name), { recursive: true });
  writeFileSync(
    join(top, "DEBIAN/control"),
    `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: made for a test\n of several lines\n`,
  );
  writeFileSync(join(top, "usr/share/doc", name, "copyright"), `${name} ${version}\n`);
  const path = join(folder, `${name}_${version}_all.deb`);
  execFileSync("dpkg-deb", ["--build", "--root-owner-group", top, path], { stdio: "ignore" });
  return path;
}

/** What goes into an archive. */
export interface ArchiveContents {
  readonly packages: readonly string[];
  /** When it was made, in seconds since 1970: the time of its indices. */
  readonly madeAt: number;
  /** Which compressed forms its indices have. */
  readonly forms: readonly ("" | ".gz" | ".xz")[];
  /** They are also there under their digests. */
  readonly byHash?: boolean;
}

/** Writes the pool and the indices of the suite "stable" into a folder. */
export function writeArchive(folder: string, contents: ArchiveContents): void {
  const { packages, madeAt, forms, byHash = false } = contents;
  const paragraphs = packages.map((path) => addToPool(folder, path));
  const release = join(folder, "dists/stable");
  const indices = join(release, "main/binary-all");
  mkdirSync(indices, { recursive: true });
  const text = paragraphs.join("\n");
  const rows: string[] = [];
  for (const form of ["", ".gz", ".xz"] as const) {
    const bytes =
      form === ""
        ? Buffer.from(text)
        : form === ".gz"
          ? gzipSync(text)
          : execFileSync("xz", ["-zc"], { input: text });
    // A Release file names all of them, whichever are kept.
    rows.push(` ${sha256(bytes)} ${bytes.length} main/binary-all/Packages${form}`);
    if (!forms.includes(form)) continue;
    writeAt(join(indices, `Packages${form}`), bytes, madeAt);
    if (!byHash) continue;
    mkdirSync(join(indices, "by-hash/SHA256"), { recursive: true });
    writeAt(join(indices, "by-hash/SHA256", sha256(bytes)), bytes, madeAt);
  }
  const date = new Date(madeAt * 1000).toUTCString().replace("GMT", "UTC");
  const fields = `Origin: Test\nSuite: stable\nCodename: stable\nDate: ${date}\n${byHash ? "Acquire-By-Hash: yes\n" : ""}SHA256:\n${rows.join("\n")}\n`;
  writeAt(join(release, "Release"), fields, madeAt);
  writeAt(
    join(release, "InRelease"),
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${fields}-----BEGIN PGP SIGNATURE-----\n\nnone\n-----END PGP SIGNATURE-----\n`,
    madeAt,
  );
}

function addToPool(folder: string, path: string): string {
  const name = basename(path);
  const filename = `pool/main/${name[0]}/${name}`;
  const place = join(folder, filename);
  mkdirSync(dirname(place), { recursive: true });
  const bytes = readFileSync(path);
  writeAt(place, bytes, statSync(path).mtimeMs / 1000);
  const control = execFileSync("dpkg-deb", ["--field", path]).toString("latin1").trimEnd();
  return `${control}\nFilename: ${filename}\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n`;
}

function writeAt(path: string, bytes: string | Uint8Array, seconds: number): void {
  writeFileSync(path, bytes);
  utimesSync(path, seconds, seconds);
}

function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Says what is missing for somebody who goes by InRelease: an index that it names (by its digest), or a package that such an index
 * names; undefined = everything is there, and right.
 */
export function whatIsMissing(folder: string): string | undefined {
  const release = readFileSync(join(folder, "dists/stable/InRelease"), "utf8");
  let indices = 0;
  for (const [, digest = "", path = ""] of release.matchAll(/^ ([0-9a-f]{64}) \d+ (\S+)$/gm)) {
    const index = join(folder, "dists/stable", dirname(path), "by-hash/SHA256", digest);
    // Not all forms are kept.
    if (!existsSync(index)) continue;
    const bytes = readFileSync(index);
    if (sha256(bytes) !== digest) return `${path} is not what InRelease says`;
    indices++;
    if (path.endsWith(".gz") || path.endsWith(".xz")) continue;
    for (const [, file = "", , sum = ""] of bytes
      .toString("utf8")
      .matchAll(/^Filename: (.+)\nSize: (\d+)\nSHA256: ([0-9a-f]{64})$/gm)) {
      const place = join(folder, file);
      if (!existsSync(place)) return `${file} is not there`;
      if (sha256(readFileSync(place)) !== sum) return `${file} is another one`;
    }
  }
  return indices === 0 ? "no index that InRelease names is there" : undefined;
}
