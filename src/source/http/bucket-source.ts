// A tree in an object store that speaks S3: Amazon's, or one of the many that others have.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { encodePath } from "../../catalog/index.ts";
import type { HttpSettings } from "../../transport/index.ts";
import { BucketListing } from "./bucket-listing.ts";
import { HttpSource } from "./http-source.ts";
import { type BucketCredentials, signRequest } from "./sign-request.ts";

/** What such a source is made of. */
export interface BucketSourceSettings extends HttpSettings {
  readonly bucket: string;
  /** Below which the tree lies; "" = all of the bucket. */
  readonly prefix: ByteString;
  /** "https://host:port" of a store that is not Amazon's; buckets are the first part of the path there. */
  readonly endpoint?: string | undefined;
  /** Default: "us-east-1". */
  readonly region?: string | undefined;
  /** Undefined = anonymous. */
  readonly credentials?: BucketCredentials | undefined;
  /**
   * Stores know when an object was put there, not how old the file is. True = that counts as the file's time (the tree has no other
   * source); false = the store tells no times (it is a mirror of somebody who does).
   */
  readonly tellsTimes: boolean;
}

const regionDefault = "us-east-1";
const connectionsMax = 16;

/** Returns such a source. Throws ManifoldError "usage" for what is no name of a bucket. */
export function openBucket(settings: BucketSourceSettings): HttpSource {
  const { bucket, region = regionDefault, credentials, tellsTimes, clock } = settings;
  // Names of buckets are names of hosts.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket))
    throw new ManifoldError("usage", `${JSON.stringify(bucket)} is no name of a bucket`);
  const prefix = settings.prefix.replace(/^\/+/, "").replace(/([^/])\/*$/, "$1/");
  const top = topOf(settings);
  const label = `s3://${bucket}/${toText(prefix)}`;
  const sign = (method: string, url: URL): Readonly<Record<string, string>> =>
    credentials === undefined
      ? {}
      : signRequest(method, url, {
          credentials,
          region,
          service: "s3",
          now: clock.wallTime() / 1000,
          tellsDigest: true,
        });
  return new HttpSource({
    ...settings,
    url: new URL(encodePath(prefix), top).href,
    label,
    sign,
    connectionsMax,
    tellsTimes,
    open: async (site) =>
      new BucketListing({
        site,
        bucket: top,
        prefix,
        tellsTimes,
        versionOf: (tag) => `${label} ${tag}`,
      }),
  });
}

/** The bucket's own URL: of Amazon's each is a host, unless its name has dots, which no certificate fits. */
function topOf({ bucket, endpoint, region = regionDefault }: BucketSourceSettings): URL {
  if (endpoint !== undefined) return new URL(`${bucket}/`, endpoint.replace(/\/*$/, "/"));
  const host = `s3.${region}.amazonaws.com`;
  return new URL(
    bucket.includes(".") ? `https://${host}/${bucket}/` : `https://${bucket}.${host}/`,
  );
}

/** Returns the credentials that the environment has, as every tool of Amazon's reads them; undefined = none. */
export function bucketCredentials(
  environment: Readonly<Record<string, string | undefined>>,
): BucketCredentials | undefined {
  const accessKeyId = environment.AWS_ACCESS_KEY_ID ?? "";
  const secretAccessKey = environment.AWS_SECRET_ACCESS_KEY ?? "";
  if (accessKeyId === "" || secretAccessKey === "") return undefined;
  const sessionToken = environment.AWS_SESSION_TOKEN ?? "";
  return { accessKeyId, secretAccessKey, ...(sessionToken !== "" && { sessionToken }) };
}
