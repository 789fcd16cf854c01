// What goes wrong with connections, in one sentence each that names the host and the port.

import { type ErrnoName, errno, errnoText, ManifoldError } from "../../base/index.ts";

/** Returns "host:port", with brackets where the host is an IPv6 address. */
export function formatPlace(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Says why no connection could be made. */
export function connectError(place: string, error: unknown): ManifoldError {
  const message = `Cannot connect to ${place}: ${reasonOf(error)}`;
  return new ManifoldError("socket-io", message, { cause: error });
}

/** Says why a handshake did not succeed. */
export function handshakeError(place: string, error: unknown): ManifoldError {
  const message = `No secure connection with ${place}: ${reasonOf(error)}`;
  return new ManifoldError("start-client", message, { cause: error });
}

/** Says why a connection that worked does not any more. */
export function brokenError(place: string, error: unknown): ManifoldError {
  const message = `The connection with ${place} broke: ${reasonOf(error)}`;
  return new ManifoldError("socket-io", message, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name cannot be looked up now",
  EADDRNOTAVAIL: "the local address is not this machine's",
  ENETUNREACH: "Network is unreachable",
  EADDRINUSE: "Address already in use",
  ERR_SSL_WRONG_VERSION_NUMBER: "the peer does not speak TLS 1.3",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "the peer does not speak TLS 1.3",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "the peer does not speak TLS 1.3",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "the peer does not speak TLS",
  ERR_SSL_HTTP_REQUEST: "the peer does not speak TLS",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "the peer wants a key",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "the peer showed no key",
  ERR_SSL_NO_APPLICATION_PROTOCOL: "the peer is no manifold",
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: "the peer is no manifold",
};

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) {
    // One for each address of the host; they mostly say the same.
    return [...new Set(error.errors.map(reasonOf))].join(", ");
  }
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  const known = reasons[code];
  if (known !== undefined) return known;
  return code in errno ? errnoText(errno[code as ErrnoName]) : error.message;
}
