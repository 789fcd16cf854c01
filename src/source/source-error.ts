// What went wrong with a source, in the words that dealing understands (many/dealer.ts), and for people.

/**
 * - connection: it broke, or was refused, or nothing is there; trying again may help.
 * - busy: the source asks to be left alone for a while.
 * - absent: there is no such file or directory.
 * - changed: the file is not, or no longer, what the listing said.
 * - unreadable: the source has it and does not give it (permissions, an I/O error).
 * - protocol: what was answered makes no sense; asking again will not help.
 * - refused: the source lets nobody in, or not us; nothing of it can be had.
 */
export type SourceTrouble =
  | "connection"
  | "busy"
  | "absent"
  | "changed"
  | "unreadable"
  | "protocol"
  | "refused";

/** Thrown by every source. The message is a sentence about the source, without its name and without a period. */
export class SourceError extends Error {
  readonly trouble: SourceTrouble;
  /** Of "busy": how long it asks to be left alone; undefined = it does not say. */
  readonly seconds: number | undefined;
  /** Of readFiles(): which of the files; undefined = the next one. */
  readonly file: number | undefined;

  constructor(
    trouble: SourceTrouble,
    message: string,
    {
      cause,
      seconds,
      file,
    }: { readonly cause?: unknown; readonly seconds?: number; readonly file?: number } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SourceError";
    this.trouble = trouble;
    this.seconds = seconds;
    this.file = file;
  }
}
