// Where an argument points: into this machine's files, or at another machine.
//
// The forms are rsync's: HOST:PATH and USER@HOST:PATH (a remote shell), HOST::MODULE and
// rsync://HOST[:PORT]/MODULE (a daemon), [ADDRESS]:PATH for IPv6. A slash before the first colon
// makes it a local path. manifold adds manifold:// and, as sources, http://, https://, sftp:// and s3://.
import { type ByteString, ManifoldError } from "../../base/index.ts";

/** A place on another machine. */
export interface RemotePlace {
  readonly kind: "shell" | "rsync-daemon" | "manifold-daemon" | "web";
  /** With the user before it ("user@host"); "" for ":PATH". */
  readonly host: ByteString;
  readonly path: ByteString;
  /** Undefined = the usual one. */
  readonly port: number | undefined;
}

const portMax = 65535;

const shellForm = /^((?:[^:/@[]*@)*)(?:\[([^\]/]+)\]|([^:/@[]*)):(.*)$/s;
const daemonUrlForm =
  /^rsync:\/\/((?:[^:/@[]*@)*)(?:\[([^\]/]+)\]|([^:/@[]*))(?::(\d*))?(?:\/(.*))?$/is;

/**
 * Returns the remote place an argument names, undefined for a local path.
 *
 * `urls` says whether manifold's own URL schemes count; rsync would take them for host names. Throws a usage error for a
 * URL of ours that makes no sense.
 */
export function remotePlace(argument: ByteString, urls: boolean): RemotePlace | undefined {
  if (!argument.includes(":")) return undefined;
  const url = daemonUrlForm.exec(argument);
  if (url !== null) {
    const [, user = "", address, host = "", port = "", path = ""] = url;
    return { kind: "rsync-daemon", host: user + (address ?? host), path, port: portOf(port) };
  }
  if (urls) {
    const scheme = /^(manifold|https?|sftp|s3):\/\/([^/]*)(?:\/(.*))?$/is.exec(argument);
    if (scheme !== null) {
      const [, name = "", host = "", path = ""] = scheme;
      if (name.toLowerCase() !== "manifold") return { kind: "web", host, path, port: undefined };
      return { kind: "manifold-daemon", ...hostAndPort(host), path };
    }
  }
  const shell = shellForm.exec(argument);
  if (shell === null) return undefined;
  const [, user = "", address, name = "", rest = ""] = shell;
  const host = user + (address ?? name);
  return rest.startsWith(":")
    ? { kind: "rsync-daemon", host, path: rest.slice(1), port: undefined }
    : { kind: "shell", host, path: rest, port: undefined };
}

/** Takes "host", "host:port" or "[address]:port" apart. Throws a usage error for anything else. */
function hostAndPort(written: ByteString): Pick<RemotePlace, "host" | "port"> {
  const [, address, name, digits = ""] =
    /^(?:\[([^\]]+)\]|([^:[\]@]+))(?::(\d+))?$/.exec(written) ?? [];
  const host = address ?? name;
  const port = portOf(digits);
  if (host === undefined || (port ?? 0) > portMax) {
    throw new ManifoldError(
      "usage",
      `manifold://${written}: expected manifold://HOST[:PORT]/MODULE/PATH`,
    );
  }
  return { host, port };
}

function portOf(digits: string): number | undefined {
  return digits === "" || Number(digits) === 0 ? undefined : Number(digits);
}
