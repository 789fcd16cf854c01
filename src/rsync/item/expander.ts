// What expands compressed literals, whatever they were compressed with.

/** Expands the literals of one conversation. */
export interface Expander {
  /** Another file begins. */
  begin?(): void;
  /** Takes a chunk, which may change afterwards. Throws ManifoldError for what is none. */
  take(bytes: Uint8Array): void;
  /** Returns what is next of what was taken, good until the next call; undefined = nothing is left. Throws as take(). */
  next(): Uint8Array | undefined;
  /** Something else than literals follows. Then next() may bring something once more. */
  end?(): void;
  /** Gives memory back; may be called while what is next is asked for. */
  close?(): void;
}
