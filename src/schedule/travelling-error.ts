// Errors on their way between threads. A structured clone loses the class and the fields of an
// error, so it is taken apart before it travels and put together after.

import { AssertionError, type ErrorCode, errorTable, ManifoldError } from "../base/index.ts";

/** An error as a plain value. */
export interface TravellingError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Set for a ManifoldError. */
  readonly code?: string;
  readonly data?: Readonly<Record<string, string | number>>;
}

/** Takes an error apart. Anything can be thrown, so anything is taken. */
export function packError(error: unknown): TravellingError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: "" };
  const { name, message, stack = "" } = error;
  if (!(error instanceof ManifoldError)) return { name, message, stack };
  return { name, message, stack, code: error.code, data: { ...error.data } };
}

/** Puts an error together again; it has the stack of the place where it was thrown. */
export function unpackError({ name, message, stack, code, data = {} }: TravellingError): Error {
  const error =
    code !== undefined && isErrorCode(code)
      ? new ManifoldError(code, message, { data })
      : name === "AssertionError"
        ? new AssertionError(message)
        : new Error(message);
  error.name = name;
  error.stack = stack;
  return error;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
