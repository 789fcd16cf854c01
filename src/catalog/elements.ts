// XML as a sequence of elements: each is told, with its attributes and its text, when it is complete. Enough
// for catalogs, which keep what they say in elements that hold text. Documents types, and so entities of one's own, are
// not looked at; what is nested deeper than any catalog is refused.

import { Parser } from "htmlparser2";
import { type ByteString, fromBytes, ManifoldError } from "../base/index.ts";
import { decodeReferences } from "./references.ts";

/** An element that has just ended. */
export interface Element {
  /** Its name without a prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, ByteString>>;
  /** Its own text, blanks trimmed. */
  readonly text: ByteString;
  /** Names of the elements around it, the outermost first. */
  readonly around: readonly string[];
}

/** Who is told. */
export interface ElementSink {
  opened(name: string, attributes: Readonly<Record<string, ByteString>>): void;
  closed(element: Element): void;
}

const depthMax = 32;
/** Characters of one element's text: a list of URLs is short. */
const textMax = 64 * 1024;

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, ByteString>>;
  text: string;
}

/** Reads a document that is UTF-8, or any encoding that has ASCII in it. */
export class ElementReader {
  readonly #catalog: string;
  readonly #parser: Parser;
  readonly #open: Open[] = [];
  #count = 0;

  constructor(catalog: string, sink: ElementSink) {
    this.#catalog = catalog;
    this.#parser = new Parser(
      {
        onopentag: (name, attributes) => this.#begin(name, attributes, sink),
        ontext: (text) => this.#text(text),
        onclosetag: (_, isImplied) => this.#end(sink, isImplied),
      },
      { xmlMode: true, decodeEntities: false },
    );
  }

  push(bytes: Uint8Array): void {
    this.#parser.write(fromBytes(bytes));
  }

  /** Throws where the document ends in the middle, or was none. */
  end(): void {
    const left = this.#open.at(-1)?.name;
    if (left !== undefined) this.#refuse(`ends inside of <${left}>`);
    this.#parser.end();
    if (this.#count === 0) this.#refuse("is no XML");
  }

  #begin(written: string, raw: Readonly<Record<string, string>>, sink: ElementSink): void {
    if (this.#open.length >= depthMax) this.#refuse(`is nested more than ${depthMax} deep`);
    const name = written.slice(written.indexOf(":") + 1);
    const attributes = Object.fromEntries(
      Object.entries(raw).map(([key, value]) => [key, decodeReferences(value)]),
    );
    this.#count++;
    this.#open.push({ name, attributes, text: "" });
    sink.opened(name, attributes);
  }

  #text(text: string): void {
    const open = this.#open.at(-1);
    if (open === undefined) return;
    if (open.text.length + text.length > textMax)
      this.#refuse(`has more than ${textMax} bytes of text in <${open.name}>`);
    open.text += text;
  }

  #end(sink: ElementSink, isImplied: boolean): void {
    const open = this.#open.pop();
    if (open === undefined) return;
    if (isImplied) this.#refuse(`does not close <${open.name}>`);
    const around = this.#open.map(({ name }) => name);
    sink.closed({
      name: open.name,
      attributes: open.attributes,
      text: decodeReferences(open.text.trim()),
      around,
    });
  }

  #refuse(says: string): never {
    throw new ManifoldError("protocol-data", `${this.#catalog} ${says}`);
  }
}
