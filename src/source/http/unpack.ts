// Compressed catalogs: .gz by Node's zlib, .xz by the system's xz.

import { createGunzip } from "node:zlib";
import { type Clock, ManifoldError } from "../../base/index.ts";
import { spawnChannel } from "../../transport/index.ts";

/** Bytes of one catalog, unpacked: more is somebody's joke. */
const unpackedBytesMax = 16 * 1024 ** 3;
/** Bytes that xz may be given before it has taken them. */
const backlogMax = 1024 * 1024;

/** Returns the bytes of a file by the end of its name: "x.gz", "x.xz", and as they are for everything else. */
export function unpacked(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  clock: Clock,
): AsyncIterable<Uint8Array> {
  if (name.endsWith(".gz")) return limited(name, gunzipped(name, bytes));
  if (name.endsWith(".xz")) return limited(name, unxzed(name, bytes, clock));
  return limited(name, bytes);
}

async function* limited(name: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let total = 0;
  for await (const piece of bytes) {
    total += piece.length;
    if (total > unpackedBytesMax)
      throw new ManifoldError("protocol-data", `${name} has more than ${unpackedBytesMax} bytes`);
    yield piece;
  }
}

async function* gunzipped(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  let failure: unknown;
  const feed = async (): Promise<void> => {
    try {
      for await (const piece of bytes) {
        if (gunzip.destroyed) return;
        if (!gunzip.write(piece))
          await new Promise<void>((resolve) => {
            gunzip.once("drain", resolve);
            gunzip.once("close", resolve);
          });
      }
      gunzip.end();
    } catch (error) {
      failure = error;
      gunzip.destroy();
    }
  };
  const feeding = feed();
  try {
    for await (const piece of gunzip) yield piece;
  } catch (cause) {
    if (failure === undefined)
      throw new ManifoldError(
        "protocol-data",
        `${name} cannot be unpacked: ${(cause as Error).message}`,
        { cause },
      );
  } finally {
    gunzip.destroy();
    await feeding;
  }
  if (failure !== undefined) throw failure;
}

async function* unxzed(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  clock: Clock,
): AsyncIterable<Uint8Array> {
  const channel = spawnChannel(["xz", "-dcq"], { label: name, clock });
  const ready: Uint8Array[] = [];
  let end: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;
  let drained = (): void => undefined;
  const changed = (): void => {
    wake();
    drained();
  };
  channel.listen({
    data: (piece) => {
      ready.push(piece.slice());
      if (ready.length > 64) channel.pause();
      wake();
    },
    drained: () => drained(),
    closed: (error) => {
      end ??= {
        error:
          error &&
          new ManifoldError("protocol-data", `${name} cannot be unpacked: ${error.message}`, {
            cause: error,
          }),
      };
      changed();
    },
  });
  const feed = async (): Promise<void> => {
    try {
      for await (const piece of bytes) {
        if (end !== undefined) return;
        channel.send(piece);
        if (channel.backlog > backlogMax)
          await new Promise<void>((resolve) => {
            drained = resolve;
          });
      }
      channel.end();
    } catch (error) {
      end ??= { error };
      channel.destroy();
      changed();
    }
  };
  const feeding = feed();
  try {
    for (;;) {
      for (let piece = ready.shift(); piece !== undefined; piece = ready.shift()) yield piece;
      if (end !== undefined) break;
      channel.resume();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (end.error !== undefined) throw end.error;
  } finally {
    if (end === undefined) channel.destroy();
    end ??= { error: undefined };
    changed();
    await feeding;
  }
}
