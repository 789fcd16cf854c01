// A machine behind a remote shell as a source of many: an end of ours, where manifold is there, else what sshd brings (SFTP), else
// its rsync. SFTP is before rsync because one connection answers for any part of any file, where rsync wants a new one each time.

import type { ByteString } from "../../base/index.ts";
import {
  type FileChunk,
  type ListedEntry,
  type Source,
  type SourceAbilities,
  SourceError,
  type SourceFile,
  type SourceListing,
  type SourcePart,
} from "../../source/index.ts";

/** A source that can be asked for bundles. */
type BundleSource = Source & Required<Pick<Source, "readFiles">>;

/** Such a source: by which of the ways it is reached, probe() finds out. */
export class HostSource implements Source {
  readonly url: string;
  readonly #ways: readonly (() => BundleSource)[];
  #source: BundleSource;

  /** `ways`: each is tried where none before it can be had. */
  constructor(url: string, first: BundleSource, ways: readonly (() => BundleSource)[]) {
    this.url = url;
    this.#source = first;
    this.#ways = ways;
  }

  async probe(signal: AbortSignal): Promise<SourceAbilities> {
    for (const next of this.#ways) {
      try {
        return await this.#source.probe(signal);
      } catch (error) {
        // A tree that is not there is not there for others either.
        const isThere = error instanceof SourceError && error.trouble !== "absent";
        if (!isThere) throw error;
        await this.#source.close();
        this.#source = next();
      }
    }
    return await this.#source.probe(signal);
  }

  list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    return this.#source.list(path, signal);
  }

  look(file: SourceFile, signal: AbortSignal): Promise<ListedEntry> {
    return this.#source.look(file, signal);
  }

  read(file: SourceFile, part: SourcePart, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#source.read(file, part, signal);
  }

  readFiles(files: readonly SourceFile[], signal: AbortSignal): AsyncIterable<FileChunk> {
    return this.#source.readFiles(files, signal);
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
