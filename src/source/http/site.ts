// The web server behind a source: requests for paths below its top, and what goes wrong with them in a source's words.

import { type ByteString, type Clock, ManifoldError } from "../../base/index.ts";
import { encodePath, parseHttpDate } from "../../catalog/index.ts";
import { HttpClient, type HttpResponse, type HttpSettings } from "../../transport/index.ts";
import { SourceError } from "../source-error.ts";

/** Adds to the headers of a request what proves who asks. */
export type Signer = (method: string, url: URL) => Readonly<Record<string, string>>;

/** What a site is made of. */
export interface SiteSettings extends HttpSettings {
  /** The top of the tree, as the user wrote it. */
  readonly url: string;
  readonly sign?: Signer | undefined;
}

/** What to ask for. */
export interface SiteRequest {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server, from its top down. */
export class Site {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #sign: Signer | undefined;
  /** Ends with a slash. */
  #base: URL;
  /** Where files come from, when they were found to be somewhere else. */
  #fileBase: URL | undefined;

  constructor({ url, sign, ...http }: SiteSettings) {
    this.#client = new HttpClient(http);
    this.#clock = http.clock;
    this.#sign = sign;
    this.#base = topOf(url);
  }

  /** The top, with credentials. */
  get base(): URL {
    return this.#base;
  }

  /** Everything is at another place: the server has said so when it was asked for its top. */
  moveTo(url: URL): void {
    if (url.host !== this.#base.host) this.#base = new URL(url);
    else this.#base.pathname = url.pathname;
  }

  /** Asks for a path below the top; resolves to responses of status 200 and 206. Rejects with SourceError. */
  async ask(path: ByteString, request: SiteRequest, signal: AbortSignal): Promise<HttpResponse> {
    const response = await this.send(this.urlOf(path), request, signal);
    if (response.status === 200 || response.status === 206) return response;
    response.discard();
    throw this.refusal(response);
  }

  /** The same for a file, which a mirror's distributor may have elsewhere: that place is kept to for the rest of the run. */
  async askFile(
    path: ByteString,
    request: SiteRequest,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const encoded = encodePath(path);
    const base = this.#fileBase ?? this.#base;
    const response = await this.send(new URL(encoded, base), request, signal);
    const { status, url } = response;
    const isElsewhere =
      url.host !== base.host && url.pathname.endsWith(`/${encoded}`) && url.search === "";
    if (isElsewhere && (status === 200 || status === 206)) {
      this.#fileBase = new URL(url.href.slice(0, -encoded.length));
    }
    return response;
  }

  /** The same as ask(), or undefined where there is no such thing. */
  async askIfThere(path: ByteString, signal: AbortSignal): Promise<HttpResponse | undefined> {
    try {
      return await this.ask(path, {}, signal);
    } catch (error) {
      const isMissing =
        error instanceof SourceError && ["absent", "unreadable"].includes(error.trouble);
      if (isMissing) return undefined;
      throw error;
    }
  }

  /** Asks for a URL of this server; every status is an answer. */
  async send(
    url: URL,
    { method = "GET", headers = {} }: SiteRequest,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    try {
      const signed = { ...headers, ...this.#sign?.(method, url) };
      return await this.#client.request({ method, url, headers: signed }, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw asSourceError(error);
    }
  }

  /** Returns the URL of a path; with credentials. */
  urlOf(path: ByteString): URL {
    return new URL(encodePath(path), this.#base);
  }

  /** Returns what a status that is no success means. */
  refusal(response: HttpResponse): SourceError {
    const { status } = response;
    const says = `the server answers with status ${status}`;
    if (status === 404 || status === 410) return new SourceError("absent", "There is no such file");
    if (status === 416) return new SourceError("changed", "A file is shorter than was listed");
    if (status === 401 || status === 407)
      return new SourceError("refused", `A name and password are needed: ${says}`);
    if (status === 403)
      return new SourceError("unreadable", `The server does not give it: status ${status}`);
    if (status === 429 || status === 503) {
      const seconds = this.#retrySeconds(response);
      return new SourceError("busy", `The server asks to be left alone: status ${status}`, {
        ...(seconds !== undefined && { seconds }),
      });
    }
    if (status >= 500 || status === 408)
      return new SourceError("connection", `Nothing came: ${says}`);
    return new SourceError("protocol", `Nothing came: ${says}`);
  }

  #retrySeconds(response: HttpResponse): number | undefined {
    const header = response.header("retry-after");
    if (/^\d{1,9}$/.test(header)) return Number(header);
    const until = parseHttpDate(header);
    if (until === undefined) return undefined;
    const now = parseHttpDate(response.header("date")) ?? this.#clock.wallTime() / 1000;
    return Math.max(0, until - now);
  }

  /** Closes all connections. */
  close(): void {
    this.#client.close();
  }
}

/** Returns the top of the tree that a URL means: a directory, whether it was written so or not. */
function topOf(written: string): URL {
  const url = new URL(written);
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Returns an error of the HTTP client in a source's words; everything else is a bug and stays what it is. */
export function asSourceError(error: unknown): unknown {
  if (!(error instanceof ManifoldError)) return error;
  const { reason } = error.data;
  const trouble =
    reason === "certificate"
      ? "refused"
      : reason === "connection" || reason === "timeout"
        ? "connection"
        : "protocol";
  return new SourceError(trouble, error.message, { cause: error });
}
