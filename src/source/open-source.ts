// From a URL, as a user writes it, to the source that it means. What is on this machine, and what is an end of ours, is for others
// to open.

import { type ByteString, type Clock, ManifoldError, toText } from "../base/index.ts";
import { bucketCredentials, openBucket } from "./http/bucket-source.ts";
import { HttpSource } from "./http/http-source.ts";
import { SftpSource } from "./sftp/sftp-source.ts";
import type { Source } from "./source.ts";

/** What sources are opened with. */
export interface SourceGround {
  readonly clock: Clock;
  /** Names of proxies, credentials of object stores. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of ~/.netrc, where there is one. */
  readonly netrc?: string | undefined;
  /** ssh with its options. Default: ["ssh"]. */
  readonly shell?: readonly ByteString[] | undefined;
  /** What ssh starts with as its umask; this process's when absent. */
  readonly umask?: number | undefined;
  /** Another source is the reference: nothing has to be listed, and times of upload to a store are not those of files. */
  readonly isMirror: boolean;
}

/**
 * Opens `http(s)://`, `sftp://` and `s3://` sources; undefined for everything else. Throws ManifoldError "usage" for what is no URL.
 *
 * - `http://host/top/#suites=stable,stable-updates`: a Debian archive that lists nothing but its indices.
 * - `sftp://user@host:22/path`, and `sftp://host/~/path` from the user's home on.
 * - `s3://bucket/prefix`, at AWS_ENDPOINT_URL where that is set, in AWS_REGION.
 */
export function openSourceAt(written: ByteString, ground: SourceGround): Source | undefined {
  const scheme = /^([a-z0-9+]+):\/\//i.exec(written)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return openWeb(written, ground);
  if (scheme === "sftp") return openSftp(written, ground);
  return scheme === "s3" ? openStore(written, ground) : undefined;
}

function openWeb(
  written: ByteString,
  { clock, environment, netrc, isMirror }: SourceGround,
): Source {
  const url = parseUrl(written);
  const suites = new URLSearchParams(url.hash.slice(1)).get("suites");
  return new HttpSource({
    url: url.href,
    clock,
    environment,
    netrc,
    isMirror,
    ...(suites !== null && {
      suites: suites.split(",").filter((name) => /^[\w./+-]+$/.test(name)),
    }),
  });
}

function openSftp(written: ByteString, { clock, shell, umask }: SourceGround): Source {
  // Not by URL's rules: names are bytes.
  const parts = /^sftp:\/\/(?:([^@/]*)@)?(\[[^\]/]+\]|[^:/@]+)(?::(\d{1,5}))?(\/.*)?$/is.exec(
    written,
  );
  const [, user, host, port, path = "/"] = parts ?? [];
  if (host === undefined) throw noUrl(written);
  return new SftpSource({
    host: host.replace(/^\[|\]$/g, ""),
    path: path.replace(/^\/~(\/|$)/, "").replace(/^$/, "."),
    ...(user !== undefined && { user: user.replace(/:.*$/s, "") }),
    ...(port !== undefined && { port: Number(port) }),
    ...(shell !== undefined && { shell }),
    umask,
    clock,
  });
}

function openStore(written: ByteString, { clock, environment, isMirror }: SourceGround): Source {
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(written) ?? [];
  const own = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL ?? "";
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? "";
  return openBucket({
    bucket,
    prefix,
    clock,
    environment,
    credentials: bucketCredentials(environment),
    tellsTimes: !isMirror,
    ...(own !== "" && { endpoint: parseUrl(own).href }),
    ...(region !== "" && { region }),
  });
}

function parseUrl(written: ByteString): URL {
  try {
    return new URL(toText(written));
  } catch {
    throw noUrl(written);
  }
}

function noUrl(written: ByteString): ManifoldError {
  // There may be a password in it.
  const shown = toText(written).replace(/\/\/[^/@]*@/, "//");
  return new ManifoldError("usage", `${shown} is no URL`);
}
