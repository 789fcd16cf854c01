// One request and its response, over a connection of a pool: sent, waited for, and read with an eye on how long nothing comes.

import { type ClientRequest, type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Clock, ManifoldError } from "../../base/index.ts";
import { onAbort } from "../abort-listeners.ts";
import type { Agents } from "./agents.ts";
import { explainHttpError, httpError, showUrl } from "./http-error.ts";
import type { HttpResponse } from "./http-message.ts";
import { basicAuthorization, loginOf } from "./login.ts";

/** What one exchange needs. */
export interface ExchangeSettings {
  readonly agents: Agents;
  readonly clock: Clock;
  /** Nothing may take longer: a connection, the first byte, or the next one. */
  readonly silenceMs: number;
}

/** The request as it is sent. */
export interface Exchange {
  readonly method: string;
  /** Without credentials. */
  readonly url: URL;
  readonly proxy: URL | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** A rest that is shorter is read rather than having its connection closed. Arbitrary: less than a new connection costs. */
const drainBytesMax = 64 * 1024;

/** Sends and resolves to the response when its headers have come. Rejects with ManifoldError, or the signal's reason. */
export async function exchange(
  settings: ExchangeSettings,
  what: Exchange,
  signal: AbortSignal,
): Promise<HttpResponse> {
  signal.throwIfAborted();
  try {
    return await attempt(settings, what, signal);
  } catch (error) {
    signal.throwIfAborted();
    // The server closed a connection that waited in the pool, while the request was on its way.
    if (error instanceof StaleConnection) return attempt(settings, what, signal);
    throw error;
  }
}

/** A connection that had been used before broke before anything was answered. */
class StaleConnection extends Error {}

function attempt(
  settings: ExchangeSettings,
  what: Exchange,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { clock, silenceMs } = settings;
  const subject = showUrl(what.url);
  return new Promise((resolve, reject) => {
    const asked = start(settings, what);
    const fail = (error: unknown): void => {
      settle();
      asked.destroy();
      reject(error);
    };
    const cancel = clock.after(silenceMs, () =>
      fail(httpError("timeout", subject, `no answer within ${silenceMs / 1000} seconds`)),
    );
    const forget = onAbort(signal, () => fail(signal.reason));
    const settle = (): void => {
      cancel();
      forget();
    };
    // Stays on: what happens to a request that has been answered is told by its response.
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const isStale = asked.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      fail(isStale ? new StaleConnection() : asError(subject, error));
    });
    asked.once("response", (incoming) => {
      settle();
      resolve(responseOf(settings, what, incoming, signal));
    });
    asked.end();
  });
}

function asError(subject: string, error: NodeJS.ErrnoException): ManifoldError | Error {
  // The tunnel has explained its own ones.
  return error.name === "ManifoldError" ? error : explainHttpError(subject, error);
}

function start(
  { agents }: ExchangeSettings,
  { method, url, proxy, headers }: Exchange,
): ClientRequest {
  const agent = agents.agentFor(url, proxy);
  const own = { Host: url.host, "Accept-Encoding": "identity", ...headers };
  const path = `${url.pathname}${url.search}`;
  if (url.protocol === "https:") {
    return requestSecure({
      host: hostOf(url),
      port: url.port || 443,
      method,
      path,
      headers: own,
      agent,
    });
  }
  if (proxy === undefined) {
    return requestPlain({
      host: hostOf(url),
      port: url.port || 80,
      method,
      path,
      headers: own,
      agent,
    });
  }
  const login = loginOf(proxy);
  return requestPlain({
    host: hostOf(proxy),
    port: proxy.port || 80,
    method,
    path: `${url.origin}${path}`,
    headers: {
      ...own,
      ...(login !== undefined && { "Proxy-Authorization": basicAuthorization(login) }),
    },
    agent,
  });
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function responseOf(
  settings: ExchangeSettings,
  { url, method }: Exchange,
  incoming: IncomingMessage,
  signal: AbortSignal,
): HttpResponse {
  const { statusCode = 0, headers } = incoming;
  // Nobody may be listening when the server breaks off; whoever reads is told.
  incoming.on("error", () => undefined);
  return {
    status: statusCode,
    url,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(", ") : (value ?? "");
    },
    body: readBody(settings, url, incoming, signal),
    discard: () => {
      const left = Number(headers["content-length"] ?? Number.NaN);
      const hasBody = method !== "HEAD" && statusCode !== 304;
      if (!hasBody || left <= drainBytesMax) incoming.resume();
      else incoming.destroy();
    },
  };
}

async function* readBody(
  { clock, silenceMs }: ExchangeSettings,
  url: URL,
  incoming: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const subject = showUrl(url);
  let failure: unknown;
  const give = (reason: unknown): void => {
    failure = reason;
    incoming.destroy();
  };
  const watch = (): (() => void) =>
    clock.after(silenceMs, () =>
      give(httpError("timeout", subject, `nothing came for ${silenceMs / 1000} seconds`)),
    );
  if (signal.aborted) give(signal.reason);
  const forget = onAbort(signal, () => give(signal.reason));
  let cancel = watch();
  try {
    for await (const bytes of incoming) {
      // How long the reader takes is his affair.
      cancel();
      if (failure !== undefined) throw failure;
      yield bytes;
      cancel = watch();
    }
    if (failure !== undefined) throw failure;
    // Node ends a body that broke off like one that is whole.
    if (!incoming.complete) throw httpError("connection", subject, "the connection broke off");
  } catch (error) {
    if (failure !== undefined) throw failure;
    throw asError(subject, error as NodeJS.ErrnoException);
  } finally {
    cancel();
    forget();
  }
}
