// TLS 1.3 with a key on each side and no authorities: what both ends ask of a handshake, and how they
// learn who the peer is. Sessions are not resumed: a resumed one would show no key. Node's TLS is loaded only
// when there is something to secure: it takes some milliseconds, and most runs stay on one machine.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Clock, ManifoldError, systemClock } from "../../base/index.ts";
import { handshakeError } from "./connection-error.ts";
import { fingerprintOf, type Identity } from "./identity.ts";
import { type SecureChannel, secureChannel } from "./tls-channel.ts";

/** Tells our protocol from others that use TLS (RFC 7301). */
const protocolName = "manifold/1";

/** How long a handshake may take as a whole, however often the peer says something. */
export const handshakeMsMax = 10_000;

/** What a handshake needs. */
export interface HandshakeOptions {
  readonly identity: Identity;
  /** How messages name the peer. */
  readonly label: string;
  /** Default: `handshakeMsMax`. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** Becomes the client of a connected socket. Rejects with ManifoldError, the socket destroyed. */
export async function secureClient(
  socket: Socket,
  options: HandshakeOptions,
): Promise<SecureChannel> {
  const tls = await import("node:tls");
  const secured = tls.connect({
    ...asked(options.identity),
    socket,
    // The key decides, not the name; whoever called compares it with what is known.
    checkServerIdentity: () => undefined,
  });
  return settled(secured, "secureConnect", options);
}

/** Becomes the server of a connected socket, of which nothing has been read. Rejects with ManifoldError, the socket destroyed. */
export async function secureServer(
  socket: Socket,
  options: HandshakeOptions,
): Promise<SecureChannel> {
  const tls = await import("node:tls");
  const secured = new tls.TLSSocket(socket, {
    ...asked(options.identity),
    isServer: true,
    requestCert: true,
    secureContext: tls.createSecureContext(asked(options.identity)),
  });
  return settled(secured, "secure", options);
}

/** What both sides ask for. */
function asked(identity: Identity) {
  return {
    key: identity.keyPem,
    cert: identity.certificatePem,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    // Certificates are signed by their own keys; OpenSSL checks that the peer holds the key, settled() takes it.
    rejectUnauthorized: false,
    ALPNProtocols: [protocolName],
  } as const;
}

function settled(
  socket: TLSSocket,
  done: "secure" | "secureConnect",
  { label, timeoutMs = handshakeMsMax, clock = systemClock }: HandshakeOptions,
): Promise<SecureChannel> {
  return new Promise((resolve, reject) => {
    const fail = (error: ManifoldError): void => {
      cancel();
      socket.destroy();
      reject(error);
    };
    const broke = (error: Error): void => fail(handshakeError(label, error));
    const ended = (): void => broke(new Error("the peer closed the connection"));
    const cancel = clock.after(timeoutMs, () => {
      const message = `No secure connection with ${label} within ${timeoutMs / 1000} seconds`;
      fail(new ManifoldError("connect-timeout", message));
    });
    socket.on("error", broke);
    socket.once("close", ended);
    socket.once(done, () => {
      // Asked once: a second answer of a client is empty.
      const certificate = socket.getPeerX509Certificate();
      const trouble = troubleWith(socket);
      if (trouble !== undefined) return broke(new Error(trouble));
      if (certificate === undefined) return broke(new Error("the peer showed no key"));
      cancel();
      socket.off("error", broke);
      socket.off("close", ended);
      resolve(secureChannel(socket, label, fingerprintOf(certificate.publicKey), clock));
    });
  });
}

/** Says what is wrong with a handshake that OpenSSL is content with. */
function troubleWith(socket: TLSSocket): string | undefined {
  if (socket.isSessionReused()) return "the peer resumed an old session";
  if (socket.alpnProtocol !== protocolName) return "the peer is no manifold";
  return undefined;
}
