// The chunks of files of one directory that are wanted, asked of the source's end, and what of them files of the target
// have.

import { ManifoldError } from "../../base/index.ts";
import type { ChunkSizes, FoundRange } from "../../delta/index.ts";
import {
  type ChunkWish,
  chunkPieceBytes,
  decodeChunkList,
  encodeWanted,
  recordLimits,
} from "../../session/index.ts";
import { openChunks } from "../lane/arrived-content.ts";
import { type FoundParts, partFields } from "../tasks/content-index-tasks.ts";
import type { MoveBasis } from "../tasks/move-tasks.ts";
import type { FarSource } from "./far-ends.ts";
import type { TargetChunks } from "./target-chunks.ts";
import type { TreeNode } from "./tree-node.ts";

/** Of one message: files at most, and bytes of them, about. */
const messageFilesMax = 1024;
const messageBytes = 64 * 1024 * 1024;
/** What a list says of a chunk. */
const chunkBytes = 10;

/** A file that is wanted. */
export interface WantedEntry {
  /** Its place among those that wait, and in the listing of the source's end. */
  readonly entry: number;
  readonly row: number;
  readonly size: number;
}

/** What asking needs. */
export interface WantedChunksContext {
  readonly source: Pick<FarSource, "content">;
  readonly chunks: TargetChunks;
  readonly sizes: ChunkSizes;
  /** A message of so many bytes has come. */
  readonly heard: (bytes: number) => void;
}

/** A message that is asked for. */
interface Asked {
  readonly wishes: Map<number, ChunkWish & { readonly entry: WantedEntry }>;
  readonly bytes: number;
}

/** Asks, and keeps what is found until all answers have come. */
export class WantedChunks {
  readonly #context: WantedChunksContext;
  readonly #node: TreeNode;
  readonly #found = new Map<number, FoundRange[]>();
  #open = 0;

  constructor(context: WantedChunksContext, node: TreeNode) {
    this.#context = context;
    this.#node = node;
  }

  /** Asks for chunks of the files; `then` gets parts by entry of those of which any were found. */
  ask(files: readonly WantedEntry[], then: (parts: ReadonlyMap<number, FoundParts>) => void): void {
    const { source, heard } = this.#context;
    const messages = [...messagesFor(files, this.#context.sizes)];
    this.#open = messages.length;
    for (const asked of messages) {
      const body = encodeWanted([...asked.wishes.values()]);
      source.content(this.#node, { body, bytes: asked.bytes }, (content, applied) => {
        heard(content.length);
        this.#take(asked, content);
        applied();
        if (--this.#open === 0) then(this.#parts());
      });
    }
  }

  #take({ wishes }: Asked, content: Uint8Array): void {
    const { sizes, chunks } = this.#context;
    const { files, bytes } = openChunks(content);
    for (const { file, start } of files) {
      const wish = wishes.get(file.row);
      if (wish === undefined) throw broken("chunks of a file that nobody asked for");
      const { entry, size } = wish.entry;
      // It cannot be read, or has changed since it was listed: whoever wants its content sees to that.
      if (file.kind === "problem" || file.size !== size) continue;
      const expected = {
        bytes: Math.min(chunkPieceBytes, size - wish.position),
        lengthMax: sizes.max,
      };
      const list = decodeChunkList(bytes.subarray(start, start + file.length), expected);
      if (list === undefined) throw broken("chunks that do not make up the file");
      const found = this.#found.get(entry) ?? [];
      for (const range of chunks.find(list)) {
        found.push({ ...range, position: wish.position + range.position });
      }
      if (found.length > 0) this.#found.set(entry, found);
    }
  }

  #parts(): ReadonlyMap<number, FoundParts> {
    const parts = new Map<number, FoundParts>();
    for (const [entry, ranges] of this.#found) parts.set(entry, this.#partsOf(ranges));
    return parts;
  }

  #partsOf(all: readonly FoundRange[]): FoundParts {
    const { heldParts } = recordLimits;
    const longest =
      all.length > heldParts
        ? [...all].sort((a, b) => b.length - a.length).slice(0, heldParts)
        : [...all];
    const ranges = longest.sort((a, b) => a.position - b.position);
    const parts = new Float64Array(ranges.length * partFields);
    const files: MoveBasis[] = [];
    const numbers = new Map<number, number>();
    for (const [i, { position, length, file, offset }] of ranges.entries()) {
      let number = numbers.get(file);
      if (number === undefined) {
        number = files.push(this.#context.chunks.file(file)) - 1;
        numbers.set(file, number);
      }
      parts.set([position, length, number, offset], i * partFields);
    }
    return { files, parts };
  }
}

/** Yields messages, each of which has a file once: larger ones are asked for piece by piece. */
function* messagesFor(files: readonly WantedEntry[], { normal }: ChunkSizes): Generator<Asked> {
  const bits = Math.log2(normal);
  let wishes: Asked["wishes"] = new Map();
  let bytes = 0;
  const message = (): Asked => {
    const asked = { wishes, bytes: Math.ceil((bytes / normal + wishes.size) * chunkBytes) };
    wishes = new Map();
    bytes = 0;
    return asked;
  };
  for (const entry of files) {
    for (let position = 0; position < entry.size; position += chunkPieceBytes) {
      const isFull = wishes.size >= messageFilesMax || bytes >= messageBytes;
      if (isFull || wishes.has(entry.row)) yield message();
      wishes.set(entry.row, { row: entry.row, bits, position, entry });
      bytes += Math.min(chunkPieceBytes, entry.size - position);
    }
  }
  if (wishes.size > 0) yield message();
}

function broken(what: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end sent ${what}`);
}
