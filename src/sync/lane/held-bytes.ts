// Parts of a file that comes from another machine, that the other end was told the target holds already.

/** Thrown when parts are not what was looked for after all: the file is to be had without them. */
export class PartsChanged extends Error {}

/** The parts of one file. */
export interface HeldBytes {
  /**
   * Fills memory with what stands at a position of the wanted file. Throws PartsChanged; and a protocol-data error if not all of it
   * lies in parts: the other end was never told that it does.
   */
  read(into: Uint8Array, position: number): void;
  /** So many bytes of the wanted file came from parts, and its digest is right. */
  proven(bytes: number): void;
  close(): void;
}
