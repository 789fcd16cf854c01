// An object store of one test, as much of S3 as reading needs: pages of a few keys, ranges, marks, signatures that are checked (by the
// words of the specification, with none of the code that makes them).

import { createHash, createHmac } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";

/** One object. */
export interface StoredObject {
  readonly bytes: Buffer;
  readonly seconds: number;
}

/** Such a store. */
export interface ObjectStore extends AsyncDisposable {
  /** "http://host:port". */
  readonly endpoint: string;
  /** Keys are bytes. */
  readonly objects: Map<string, StoredObject>;
}

/** Who may read. */
export const storeLogin = {
  accessKeyId: "AKTEST",
  secretAccessKey: "a/secret+key",
  sessionToken: "to/ken",
};
/** The only bucket. */
export const storeBucket = "test-bucket";
const pageKeys = 3;

/** Returns a folder's files as objects, and its directories as marks. */
export function objectsOf(folder: string, prefix: string): Map<string, StoredObject> {
  const objects = new Map<string, StoredObject>();
  const add = (directory: string, key: string): void => {
    for (const name of readdirSync(Buffer.from(directory, "latin1"), { encoding: "latin1" })) {
      const path = Buffer.from(join(directory, name), "latin1");
      const stats = statSync(path);
      const seconds = Math.floor(stats.mtimeMs / 1000);
      if (stats.isDirectory()) {
        objects.set(`${key}${name}/`, { bytes: Buffer.alloc(0), seconds });
        add(join(directory, name), `${key}${name}/`);
      } else objects.set(`${key}${name}`, { bytes: readFileSync(path), seconds });
    }
  };
  add(folder, prefix);
  return objects;
}

/** Starts one. */
export async function startObjectStore(objects: Map<string, StoredObject>): Promise<ObjectStore> {
  const server = createServer((request, answer) => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) fail(answer, 403, refusal);
    else serve(objects, request, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Returns the code of what is wrong with a request's signature. */
function refusalOf({ method, url = "", headers }: IncomingMessage): string | undefined {
  const [, id, scope = "", names = "", given] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  if (given === undefined) return "AccessDenied";
  if (id !== storeLogin.accessKeyId || headers["x-amz-security-token"] !== storeLogin.sessionToken)
    return "InvalidAccessKeyId";
  for (const needed of ["host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"]) {
    if (!names.split(";").includes(needed)) return "AccessDenied";
  }
  const [path = "", query = ""] = url.split("?");
  const lines = names.split(";").map((name) => `${name}:${headers[name]}\n`);
  const sorted = query.split("&").filter(Boolean).sort().join("&");
  const asked = `${method}\n${path}\n${sorted}\n${lines.join("")}\n${names}\n${headers["x-amz-content-sha256"]}`;
  const digest = createHash("sha256").update(asked).digest("hex");
  let key: Buffer | string = `AWS4${storeLogin.secretAccessKey}`;
  for (const word of scope.split("/")) key = createHmac("sha256", key).update(word).digest();
  const text = `AWS4-HMAC-SHA256\n${headers["x-amz-date"]}\n${scope}\n${digest}`;
  return createHmac("sha256", key).update(text).digest("hex") === given
    ? undefined
    : "SignatureDoesNotMatch";
}

function serve(
  objects: ObjectStore["objects"],
  request: IncomingMessage,
  answer: ServerResponse,
): void {
  const url = new URL(request.url ?? "", "http://store");
  const [, bucket, ...rest] = url.pathname.split("/");
  if (bucket !== storeBucket) {
    fail(answer, 404, "NoSuchBucket");
    return;
  }
  const key = plainOf(rest.join("/"));
  if (key === "") {
    list(objects, url, answer);
    return;
  }
  const object = objects.get(key);
  if (object === undefined) {
    fail(answer, 404, "NoSuchKey");
    return;
  }
  const { bytes, seconds } = object;
  const tag = createHash("md5").update(bytes).digest("hex");
  const told = { ETag: `"${tag}"`, "Last-Modified": new Date(seconds * 1000).toUTCString() };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const part = first === undefined ? bytes : bytes.subarray(Number(first), Number(last) + 1);
  if (first !== undefined && part.length === 0) {
    fail(answer, 416, "InvalidRange");
    return;
  }
  const range =
    first === undefined
      ? {}
      : { "Content-Range": `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}` };
  answer.writeHead(first === undefined ? 200 : 206, {
    ...told,
    ...range,
    "Content-Length": part.length,
  });
  answer.end(request.method === "HEAD" ? undefined : part);
}

function list(objects: ObjectStore["objects"], url: URL, answer: ServerResponse): void {
  const query = new Map(
    url.search
      .slice(1)
      .split("&")
      .map((pair) => pair.split("=").map(plainOf) as [string, string]),
  );
  const prefix = query.get("prefix") ?? "";
  const after = Buffer.from(query.get("continuation-token") ?? "", "hex").toString("latin1");
  const rows = new Map<string, string>();
  for (const [key, { bytes, seconds }] of [...objects].sort(([one], [other]) =>
    one < other ? -1 : 1,
  )) {
    if (!key.startsWith(prefix)) continue;
    const slash = key.indexOf("/", prefix.length);
    const date = new Date(seconds * 1000).toISOString();
    const tag = createHash("md5").update(bytes).digest("hex");
    if (slash >= 0)
      rows.set(
        key.slice(0, slash + 1),
        `<CommonPrefixes><Prefix>${form(key.slice(0, slash + 1))}</Prefix></CommonPrefixes>`,
      );
    else {
      rows.set(
        key,
        `<Contents><Key>${form(key)}</Key><LastModified>${date}</LastModified><ETag>&quot;${tag}&quot;</ETag><Size>${bytes.length}</Size></Contents>`,
      );
    }
  }
  const left = [...rows].filter(([key]) => key > after);
  const page = left.slice(0, pageKeys);
  const next = left.length > pageKeys ? page.at(-1)?.[0] : undefined;
  answer.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType><IsTruncated>${next !== undefined}</IsTruncated>${page.map(([, row]) => row).join("")}${next === undefined ? "" : `<NextContinuationToken>${Buffer.from(next, "latin1").toString("hex")}</NextContinuationToken>`}</ListBucketResult>`,
  );
}

/** As forms escape, with blanks as "+". */
function form(key: string): string {
  return [...key]
    .map((byte) =>
      /[A-Za-z0-9\-._*/]/.test(byte)
        ? byte
        : byte === " "
          ? "+"
          : `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
    )
    .join("");
}

function plainOf(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function fail(answer: ServerResponse, status: number, code: string): void {
  answer
    .writeHead(status)
    .end(`<Error><Code>${code}</Code><Message>This is ${code}.</Message></Error>`);
}
