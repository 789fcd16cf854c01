// The conformance suite of sources: what src/source/source.ts promises, as tests. A kind runs it with one line:
//
//   sourceSuite("local", async (folder) => ({ source: new LocalSource({ fs, path: folder }), close }));
//
// The suite writes a tree into a folder; the kind serves that. What a kind says that it cannot do is not asked of it, what it
// cannot tell need not be told, and what it tells has to be true.

import { describe } from "node:test";
import type { SourceFixture } from "./fixture.ts";
import { listingTests } from "./listings.ts";
import { readingTests } from "./readings.ts";

export type { SourceFixture, SourceKind } from "./fixture.ts";

/** Defines the suite's tests for one kind; `serve` gives a source of what is in the folder. */
export function sourceSuite(name: string, serve: (folder: string) => Promise<SourceFixture>): void {
  describe(`source ${name}`, () => {
    listingTests(serve);
    readingTests(serve);
  });
}
