// TLS channels between two ends of this process, and what is not let in.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import * as tls from "node:tls";
import { ManifoldError } from "../../src/base/index.ts";
import {
  connectSecure,
  createIdentity,
  fingerprintForm,
  parseIdentity,
} from "../../src/transport/index.ts";
import { call, exchange, startEcho } from "./tcp-scene.ts";

test("a key makes the same certificate each time, and OpenSSL agrees with every field", () => {
  const identity = createIdentity();
  assert.match(identity.fingerprint, fingerprintForm);
  assert.deepEqual(parseIdentity(identity.keyPem, "a file"), identity);
  const certificate = new X509Certificate(identity.certificatePem);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.subject, "CN=manifold");
  assert.equal(new Date(certificate.validTo).getUTCFullYear(), 9999);
  assert.notEqual(createIdentity().fingerprint, identity.fingerprint);
});

test("what is no private key, or one of another kind, is told with its file", () => {
  assert.throws(() => parseIdentity("no key", "x.key"), /x\.key holds no private key/);
});

test("both ends learn the other's key, and share a secret that is new each time", async () => {
  await using echo = await startEcho();
  const identity = createIdentity();
  const secrets: Uint8Array[] = [];
  for (const round of [0, 1]) {
    const channel = await call(echo, identity);
    assert.equal(channel.peerKey, echo.identity.fingerprint);
    secrets.push(channel.exportSecret("test"));
    assert.equal((await exchange(channel, Buffer.from("hello"))).toString(), "hello");
    const far = echo.channels[round];
    assert.ok(far !== undefined);
    assert.equal(far.peerKey, identity.fingerprint);
  }
  assert.deepEqual(echo.secrets, secrets);
  assert.notDeepEqual(secrets[0], secrets[1]);
});

test("32 MB go through in order, more than any buffer holds", async () => {
  await using echo = await startEcho();
  const bytes = Buffer.alloc(32 << 20, "0123456789abcdefg");
  assert.ok((await exchange(await call(echo), bytes)).equals(bytes));
});

test("a hundred connections at once each get their own bytes back", async () => {
  await using echo = await startEcho();
  const one = async (i: number): Promise<void> => {
    const bytes = Buffer.alloc(10_000, `${i},`);
    assert.ok((await exchange(await call(echo), bytes)).equals(bytes));
  };
  await Promise.all(Array.from({ length: 100 }, (_, i) => one(i)));
  assert.equal(echo.channels.length, 100);
});

/** Connects with Node's own client; whether it succeeds is the server's to say. */
function callPlainly(port: number, options: tls.ConnectionOptions): tls.TLSSocket {
  const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  socket.on("error", () => undefined);
  return socket;
}

for (const [what, options] of [
  ["TLS 1.2", { maxVersion: "TLSv1.2", ALPNProtocols: ["manifold/1"] }],
  ["a client without a key", { ALPNProtocols: ["manifold/1"] }],
  ["another protocol", { ALPNProtocols: ["h2"] }],
  ["no protocol", {}],
] as const) {
  test(`${what} is refused with a reason, and the next client is served`, async () => {
    await using echo = await startEcho();
    const needsKey = what.includes("protocol");
    const { keyPem: key, certificatePem: cert } = createIdentity();
    const socket = callPlainly(echo.server.port, {
      ...options,
      ALPNProtocols: "ALPNProtocols" in options ? [...options.ALPNProtocols] : undefined,
      ...(needsKey && { key, cert }),
    });
    const error = await echo.refused();
    socket.destroy();
    assert.equal(error.code, "start-client");
    assert.match(error.message, /^No secure connection with 127\.0\.0\.1:\d+: the peer /);
    assert.equal(echo.channels.length, 0);
    assert.equal((await exchange(await call(echo), Buffer.from("x"))).toString(), "x");
  });
}

test("garbage in plain text is refused, and the next client is served", async () => {
  await using echo = await startEcho();
  const socket = connect(echo.server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("GET / HTTP/1.0\r\n\r\n");
  const error = await echo.refused();
  assert.equal(error.code, "start-client");
  socket.destroy();
  assert.equal((await exchange(await call(echo), Buffer.from("x"))).toString(), "x");
});

test("a peer that connects and says nothing is given up in time, on either side", async () => {
  await using echo = await startEcho({ handshakeMs: 20 });
  const silent = connect(echo.server.port, "127.0.0.1");
  silent.on("error", () => undefined);
  const error = await echo.refused();
  assert.equal(error.code, "connect-timeout");
  assert.match(error.message, /within 0\.02 seconds$/);
  silent.destroy();

  const mute = createServer((socket) => socket.on("error", () => undefined).resume());
  mute.listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address() as { port: number };
  const identity = createIdentity();
  await assert.rejects(
    connectSecure({ host: "127.0.0.1", port, identity, timeoutMs: 20 }),
    (told) => told instanceof ManifoldError && told.code === "connect-timeout" && told.exit === 35,
  );
  mute.close();
});

test("refused, unknown and unusable addresses are told with host and port", async () => {
  const closed = createServer();
  closed.listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as { port: number };
  closed.close();
  await once(closed, "close");
  const identity = createIdentity();
  const told = async (options: object, expected: RegExp): Promise<void> => {
    const call = connectSecure({ host: "127.0.0.1", port, identity, ...options });
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof ManifoldError);
      assert.match(error.message, expected);
      return error.code === "socket-io" && error.exit === 10;
    });
  };
  await told({}, new RegExp(`^Cannot connect to 127\\.0\\.0\\.1:${port}: Connection refused$`));
  await told({ host: "no-such-host.invalid" }, /^Cannot connect to no-such-host\.invalid:\d+: /);
  await told({ host: "::1", ipVersion: 6 }, /^Cannot connect to \[::1\]:\d+: /);
  await told({ localAddress: "192.0.2.1" }, /the local address is not this machine's$/);
});

test("a socket option that cannot be set is a usage error before anything is connected", async () => {
  const identity = createIdentity();
  const call = connectSecure({ host: "127.0.0.1", port: 1, identity, socketOptions: "SO_DEBUG" });
  await assert.rejects(call, (error) => error instanceof ManifoldError && error.code === "usage");
});

test("a connection that is reset is told to both ends, once", async () => {
  await using echo = await startEcho();
  const channel = await call(echo);
  const closed = new Promise<ManifoldError | undefined>((resolve) => {
    channel.listen({
      data: () => echo.channels[0]?.destroy(),
      drained: () => undefined,
      closed: resolve,
    });
  });
  channel.send(Buffer.from("x"));
  const error = await closed;
  if (error !== undefined) assert.match(error.message, /^The connection with .* broke: /);
  channel.send(Buffer.from("more"));
  channel.end();
});
