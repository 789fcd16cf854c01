// A machine behind a remote shell as a source of many: an end of ours, where manifold is there, else what sshd brings (SFTP).

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

/** Such a source: which of the two it is, probe() finds out. */
export class HostSource implements Source {
  readonly #others: BundleSource;
  #source: BundleSource;

  /** `others`: asked where the first one cannot be had. */
  constructor(first: BundleSource, others: BundleSource) {
    this.#source = first;
    this.#others = others;
  }

  get url(): string {
    return this.#others.url;
  }

  async probe(signal: AbortSignal): Promise<SourceAbilities> {
    try {
      return await this.#source.probe(signal);
    } catch (error) {
      // A tree that is not there is not there for others either.
      const isThere = error instanceof SourceError && error.trouble !== "absent";
      if (!isThere) throw error;
      await this.#source.close();
      this.#source = this.#others;
      return await this.#source.probe(signal);
    }
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
