// Signature Version 4 of Amazon's services, for requests without a body ("Authenticating Requests: Using the Authorization
// Header (AWS Signature Version 4)", Amazon S3 API Reference). Stores of many others take it too.

import { toBytes } from "../../base/index.ts";
import { dateOf } from "../../catalog/index.ts";
import { digestOf, hmacText } from "../../hash/index.ts";

/** Who asks. */
export interface BucketCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary ones. */
  readonly sessionToken?: string | undefined;
}

/** What a request is signed with. */
export interface SigningSettings {
  readonly credentials: BucketCredentials;
  readonly region: string;
  /** "s3". */
  readonly service: string;
  /** Seconds since 1970. */
  readonly now: number;
  /** Further headers to be signed, by names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** S3 wants the digest of the body in a header of its own. */
  readonly tellsDigest: boolean;
}

const emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const algorithm = "AWS4-HMAC-SHA256";

/** Returns the headers to add to a request. Path and query of the URL are taken as they stand: everything that is not plain is escaped. */
export function signRequest(
  method: string,
  url: URL,
  settings: SigningSettings,
): Readonly<Record<string, string>> {
  const { credentials, region, service, now, headers = {}, tellsDigest } = settings;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const time = basicTime(now);
  const date = time.slice(0, 8);
  const added = {
    "x-amz-date": time,
    ...(tellsDigest && { "x-amz-content-sha256": emptyDigest }),
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const signed = Object.entries<string>({ host: url.host, ...headers, ...added }).sort(byName);
  const names = signed.map(([name]) => name).join(";");
  const canonical = [
    method,
    url.pathname,
    sortedQuery(url),
    ...signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
    "",
    names,
    emptyDigest,
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = [algorithm, time, scope, hex(digestOf("sha256", toBytes(canonical)))].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<Uint8Array | string>(
    hmacText,
    `AWS4${secretAccessKey}`,
  );
  const signature = hex(hmacText(key, text));
  return {
    ...added,
    Authorization: `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function sortedQuery(url: URL): string {
  const pairs = url.search
    .slice(1)
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair): [string, string] => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
  return pairs
    .sort(byName)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function byName(
  [one, a]: readonly [string, string],
  [other, b]: readonly [string, string],
): number {
  if (one !== other) return one < other ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** "20151030T123600Z". */
function basicTime(seconds: number): string {
  const { year, month, day, hour, minute, second } = dateOf(seconds);
  const two = (number: number): string => `${number}`.padStart(2, "0");
  return `${year}${two(month)}${two(day)}T${two(hour)}${two(minute)}${two(second)}Z`;
}
