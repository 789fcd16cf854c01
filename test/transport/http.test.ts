// The client of HTTP: redirections, credentials, proxies, certificates, connections that break.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createSecure } from "node:https";
import { connect } from "node:net";
import { test } from "node:test";
import { ManifoldError, systemClock } from "../../src/base/index.ts";
import { netrcLogin } from "../../src/transport/http/netrc.ts";
import { proxyFor } from "../../src/transport/http/proxy.ts";
import {
  createIdentity,
  HttpClient,
  type HttpSettings,
  showUrl,
} from "../../src/transport/index.ts";
import { ManualClock, settle } from "../support/index.ts";

const { signal } = new AbortController();

interface Running extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
}

async function running(server: Server, scheme = "http"): Promise<Running> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    origin: `${scheme}://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const serve = (listener: RequestListener): Promise<Running> => running(createServer(listener));

function open(settings: Partial<HttpSettings> = {}): HttpClient & Disposable {
  const client = new HttpClient({ clock: systemClock, environment: {}, ...settings });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

async function get(
  client: HttpClient,
  url: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await client.request({ method: "GET", url: new URL(url), headers }, signal);
  let text = `${response.status} `;
  for await (const bytes of response.body) text += Buffer.from(bytes).toString("latin1");
  return text;
}

function fails(reason: string, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ManifoldError, String(error));
    assert.equal(error.data.reason, reason, error.message);
    assert.match(error.message, words);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  };
}

const echoLogin = ({ headers }: IncomingMessage): string =>
  Buffer.from((headers.authorization ?? "").replace("Basic ", ""), "base64").toString();

test("connections are kept, and used again by the next request", async () => {
  const sockets = new Set<unknown>();
  await using server = await serve(({ socket }, answer) => {
    sockets.add(socket);
    answer.end("x".repeat(100_000));
  });
  using client = open();
  for (let n = 0; n < 5; n++) assert.equal((await get(client, server.origin)).length, 100_004);
  assert.equal(sockets.size, 1);
});

test("a kept connection that the server has closed meanwhile is no error", async () => {
  let count = 0;
  await using server = await serve((asked, answer) => {
    count++;
    // The second request of a connection finds it closed.
    if (count === 2) asked.socket.destroy();
    else answer.end("ok");
  });
  using client = open();
  assert.equal(await get(client, server.origin), "200 ok");
  assert.equal(await get(client, server.origin), "200 ok");
  assert.equal(count, 3);
});

test("credentials of a URL go to that server, and not where it redirects to", async () => {
  await using other = await serve((asked, answer) =>
    answer.end(`other ${echoLogin(asked)}${asked.headers.cookie}`),
  );
  await using server = await serve((asked, answer) => {
    if (asked.url === "/away") answer.writeHead(302, { Location: `${other.origin}/x` }).end();
    else if (asked.url === "/here") answer.writeHead(301, { Location: "/there" }).end();
    else answer.end(`here ${echoLogin(asked)}`);
  });
  using client = open();
  const url = server.origin.replace("//", "//us%40er:secret%3A1@");
  assert.equal(await get(client, `${url}/plain`), "200 here us@er:secret:1");
  assert.equal(await get(client, `${url}/here`), "200 here us@er:secret:1");
  assert.equal(await get(client, `${url}/away`, { Cookie: "a=b" }), "200 other undefined");
  assert.equal(showUrl(new URL(`${url}/x?key=secret`)), `${server.origin}/x`);
});

test("redirections in circles, to other schemes and back to plain text are refused", async () => {
  await using server = await serve((asked, answer) => {
    const target = { "/circle": "/circle", "/file": "file:///etc/passwd", "/bad": "http://[" }[
      asked.url ?? ""
    ];
    answer.writeHead(302, target === undefined ? {} : { Location: target }).end("no target");
  });
  using client = open();
  await assert.rejects(
    get(client, `${server.origin}/circle`),
    fails("protocol", /more than 10 times/),
  );
  await assert.rejects(
    get(client, `${server.origin}/file`),
    fails("protocol", /redirects to file:/),
  );
  await assert.rejects(get(client, `${server.origin}/bad`), fails("protocol", /no URL/));
  assert.equal(await get(client, `${server.origin}/none`), "302 no target");
});

test("~/.netrc: hosts, default, quotes, macros", async () => {
  const text = `# machine 127.0.0.1 login commented password x
macdef init
machine 127.0.0.1 login macro password x

machine a.example login a password "se cret\\""
machine 127.0.0.1 account z
  login me
  password secret
default login anybody password guest`;
  assert.deepEqual(netrcLogin(text, "A.example"), { user: "a", password: 'se cret"' });
  assert.deepEqual(netrcLogin(text, "127.0.0.1"), { user: "me", password: "secret" });
  assert.deepEqual(netrcLogin(text, "b.example"), { user: "anybody", password: "guest" });
  assert.equal(netrcLogin("machine a login", "b"), undefined);
  await using server = await serve((asked, answer) => answer.end(echoLogin(asked)));
  using client = open({ netrc: text });
  assert.equal(await get(client, server.origin), "200 me:secret");
  assert.equal(await get(client, server.origin.replace("//", "//url:wins@")), "200 url:wins");
});

test("proxies of the environment: which one, for whom", () => {
  const named = {
    http_proxy: "p:1",
    https_proxy: "http://u:p@s:2/",
    no_proxy: "localhost, .in.example,10.0.0.1:8080 ::1",
  };
  const chosen = (url: string, environment = named): string | undefined =>
    proxyFor(new URL(url), environment)?.host;
  assert.equal(chosen("http://a.example/"), "p:1");
  assert.equal(chosen("https://a.example/"), "s:2");
  for (const url of [
    "http://localhost/",
    "http://in.example/",
    "http://x.in.example/",
    "http://10.0.0.1:8080/",
    "http://[::1]/",
  ]) {
    assert.equal(chosen(url), undefined, url);
  }
  assert.equal(chosen("http://10.0.0.1/"), "p:1");
  assert.equal(chosen("http://notin.example/"), "p:1");
  assert.equal(proxyFor(new URL("http://a/"), { HTTP_PROXY: "evil:1" }), undefined);
  assert.equal(proxyFor(new URL("https://a/"), { HTTPS_PROXY: "x:1", NO_PROXY: "*" }), undefined);
  assert.equal(proxyFor(new URL("http://a/"), { all_proxy: "x:1" })?.host, "x:1");
  assert.throws(() => proxyFor(new URL("http://a/"), { http_proxy: "socks5://x:1" }), {
    code: "unsupported",
  });
  assert.throws(
    () => proxyFor(new URL("http://a/"), { http_proxy: "http://secret:x@[" }),
    (error) => !/secret/.test(String(error)),
  );
});

test("plain HTTP goes to the proxy as a whole URL, with the proxy's own password", async () => {
  await using proxy = await serve(({ url, headers }, answer) =>
    answer.end(
      `${url} ${headers.host} ${Buffer.from((headers["proxy-authorization"] ?? "").slice(6), "base64")}`,
    ),
  );
  using client = open({ environment: { http_proxy: proxy.origin.replace("//", "//me:secret@") } });
  assert.equal(
    await get(client, "http://a.example:81/x?y"),
    "200 http://a.example:81/x?y a.example:81 me:secret",
  );
});

function secureServer(listener: RequestListener): Server {
  const { certificatePem, keyPem } = createIdentity();
  return createSecure({ cert: certificatePem, key: keyPem }, listener);
}

test("HTTPS goes through the proxy by CONNECT; certificates are checked all the same", async () => {
  const secure = secureServer((_, answer) => answer.end("inside"));
  await using inside = await running(secure, "https");
  const tunnels: string[] = [];
  const proxyServer = createServer();
  proxyServer.on("connect", ({ url, headers }, client, head) => {
    tunnels.push(`${url} ${headers["proxy-authorization"] !== undefined}`);
    if (url?.startsWith("refused") === true) {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const to = connect(inside.port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      to.write(head);
      to.pipe(client).pipe(to);
    });
    for (const socket of [client, to]) socket.on("error", () => socket.destroy());
  });
  await using proxy = await running(proxyServer);
  using client = open({ environment: { https_proxy: proxy.origin.replace("//", "//me:secret@") } });
  await assert.rejects(
    get(client, "https://a.example/x"),
    fails("certificate", /a\.example\/x: its certificate/),
  );
  await assert.rejects(
    get(client, "https://refused.example/"),
    fails("connection", /the proxy .* refuses to connect .*403/),
  );
  assert.deepEqual(tunnels, ["a.example:443 true", "refused.example:443 true"]);
});

test("TLS that nobody vouches for, and what is no TLS, are told as such", async () => {
  const secure = secureServer((_, answer) => answer.end("never"));
  await using untrusted = await running(secure, "https");
  await using plain = await serve((_, answer) => answer.end("plain"));
  using client = open();
  await assert.rejects(get(client, untrusted.origin), fails("certificate", /certificate/));
  await assert.rejects(
    get(client, plain.origin.replace("http:", "https:")),
    fails("connection", /TLS/),
  );
});

test("nobody there, no HTTP there, an answer that is cut short", async () => {
  const gone = await serve(() => undefined);
  await gone[Symbol.asyncDispose]();
  using client = open();
  await assert.rejects(
    get(client, gone.origin.replace("//", "//me:secret@")),
    fails("connection", /Connection refused/),
  );
  await using odd = await serve(({ socket, url }) => {
    if (url === "/odd") socket.end("SSH-2.0-OpenSSH\r\n");
    else socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  });
  await assert.rejects(get(client, `${odd.origin}/odd`), fails("protocol", /not HTTP/));
  await assert.rejects(get(client, `${odd.origin}/short`), fails("connection", /broke off|reset/));
});

test("a server that does not answer is given up in time", async () => {
  const clock = new ManualClock();
  let wasAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    wasAsked = resolve;
  });
  await using server = await serve(() => wasAsked());
  using client = open({ clock, silenceMs: 5000 });
  const waiting = get(client, server.origin);
  waiting.catch(() => undefined);
  await asked;
  await settle();
  await clock.advance(5001);
  await assert.rejects(waiting, fails("timeout", /no answer within 5 seconds/));
});
