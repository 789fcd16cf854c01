// The messages that travel between the bytes of a multiplexed stream, and what each may hold. This file is a table.

/** Tags that may come over a network. */
export const tag = {
  data: 0,
  errorTransfer: 1,
  info: 2,
  error: 3,
  warning: 4,
  ioError: 22,
  ioTimeout: 33,
  noop: 42,
  errorExit: 86,
  success: 100,
  deleted: 101,
  noSend: 102,
} as const;

/** Longest text of a message, and longest name. */
const textMax = 5119;
const nameMax = 4097;

/** How many bytes a message with that tag may have; undefined = it may not come at all. */
export const payloadBytes: ReadonlyMap<number, readonly [min: number, max: number]> = new Map([
  [tag.errorTransfer, [0, textMax]],
  [tag.info, [0, textMax]],
  [tag.error, [0, textMax]],
  [tag.warning, [0, textMax]],
  [tag.ioError, [4, 4]],
  [tag.ioTimeout, [4, 4]],
  [tag.noop, [0, 0]],
  [tag.errorExit, [0, 4]],
  [tag.success, [4, 4]],
  [tag.deleted, [1, nameMax]],
  [tag.noSend, [4, 4]],
]);
