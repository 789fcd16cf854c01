// What goes wrong with HTTP connections, in our words. No message has a user's name or a password in it.

import { type ErrnoName, errno, errnoText, ManifoldError } from "../../base/index.ts";

/** Why, for programs: `data.reason` of errors of the HTTP client. */
export type HttpReason =
  /** Nobody answers there, or the connection broke. */
  | "connection"
  /** It took too long. */
  | "timeout"
  /** Who answers could not prove who he is. */
  | "certificate"
  /** What was answered is not HTTP, or leads in circles. */
  | "protocol";

const certificateWords: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet (or this machine's clock is wrong)",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself only",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate comes from an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "its certificate comes from an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from an authority that is not known here",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  CERT_REVOKED: "its certificate has been revoked",
};

/** What OpenSSL has to say, where an error is from there. */
interface TlsTrouble {
  readonly reason?: string | undefined;
}

const connectionWords: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such name",
  EAI_AGAIN: "its name cannot be looked up now",
  ERR_STREAM_PREMATURE_CLOSE: "the connection broke off",
};

/** Returns an error of the client. `subject` is a host, or a URL without credentials. */
export function httpError(
  reason: HttpReason,
  subject: string,
  says: string,
  cause?: unknown,
): ManifoldError {
  const code =
    reason === "timeout" ? "timeout" : reason === "protocol" ? "protocol-data" : "socket-io";
  return new ManifoldError(code, `${subject}: ${says}`, {
    ...(cause !== undefined && { cause }),
    data: { reason },
  });
}

/** Returns what an error of Node's means for whoever asked `subject`. */
export function explainHttpError(
  subject: string,
  error: NodeJS.ErrnoException & TlsTrouble,
): ManifoldError {
  const { code = "", reason } = error;
  const certificate = certificateWords[code];
  if (certificate !== undefined) return httpError("certificate", subject, certificate, error);
  if (code.startsWith("HPE_"))
    return httpError("protocol", subject, "what it answers is not HTTP", error);
  if (reason !== undefined || code === "EPROTO") {
    // Node has the reason in a field of its own only after the first bytes.
    const words = reason ?? /:([^:]+):[^:]*:\d+:/.exec(error.message)?.[1] ?? error.message;
    const isOther = /wrong version number|packet length too long|record layer failure/i.test(
      error.message,
    );
    const says = isOther ? "it does not speak TLS there" : `TLS cannot be agreed on: ${words}`;
    return httpError("connection", subject, says, error);
  }
  const words =
    connectionWords[code] ?? (code in errno ? errnoText(errno[code as ErrnoName]) : undefined);
  const says =
    words ??
    (error.message === "socket hang up"
      ? "it closed the connection without an answer"
      : error.message);
  return httpError("connection", subject, says, error);
}

/** Returns a URL for people: without user, password and query, which may hold a key. */
export function showUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
