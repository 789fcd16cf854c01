// How a sentence looks after the program's name.

import type { ByteString } from "../../base/index.ts";

/** Returns the sentence as it stands after "manifold: ", like a clause; SHORT forms and --options keep their letters. */
export function afterName(sentence: ByteString): ByteString {
  return /^[A-Z][a-z ]/.test(sentence)
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;
}
