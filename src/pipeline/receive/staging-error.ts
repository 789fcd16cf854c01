// Why there is no place to stage an entry in.

import { type ByteString, toText } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";

/** A system call that failed on the way to a staging directory; its trouble is every entry's that has to go there. */
export class StagingError extends FsError {
  /** The reason in words, for people. */
  readonly says: string;

  /** `place` is the staging directory as messages name it; `advice` what can be done about it, a half sentence. */
  constructor(cause: FsError, place: ByteString, advice: string) {
    super(cause.errno, "staging", place);
    this.name = "StagingError";
    this.says = `${cause.reason} for the staging directory "${toText(place)}"${advice}`;
  }
}
