// Assertions: for bugs only. Input from outside is validated with errors, never asserted.

/** Thrown by assert(); never caught except at main, which prints it with its stack. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

/** Throws an AssertionError with the sentence when the condition does not hold. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AssertionError(sentence);
}

/** Marks the branch that the type system says cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`Unexpected value: ${JSON.stringify(value)}`);
}
