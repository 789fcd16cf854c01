// A request and a response of HTTP, as far as somebody who reads files needs them.

/** What is asked. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD";
  /** With credentials in it, perhaps: they are sent to this server only, and never shown. */
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Follow redirections; default true. Without it a redirection is the response. */
  readonly follow?: boolean;
}

/** What is answered. The body has to be read to its end or given up: it holds a connection. */
export interface HttpResponse {
  readonly status: number;
  /** Where it came from in the end, without credentials. */
  readonly url: URL;
  /** Returns a header's value, several joined by ", "; "" when it is not there. The name is in lower case. */
  header(name: string): string;
  /** The bytes, as they come. To be iterated once; whoever stops early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Reads a rest that is short to its end, so that the connection can be used again, and closes it otherwise. */
  discard(): void;
}
