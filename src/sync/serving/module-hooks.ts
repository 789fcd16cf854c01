// The commands that an operator has named for a module's clients ("early exec", "pre-xfer exec", "post-xfer exec"): run as the user
// that the daemon is, with what is known of the client.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { type ClientVariables, expandCommand, type Log, type Module } from "../../daemon/index.ts";
import type { NameConverter } from "../../fs/index.ts";
import {
  type ArmedHook,
  armHook,
  runHook,
  shellWords,
  startLineProgram,
} from "../../transport/index.ts";

/** What a client's run is called in what these are told. */
const programName = "rsyncd";

/** Those of one client. */
export class ModuleHooks {
  readonly #module: Module;
  readonly #variables: ClientVariables;
  readonly #log: Log;
  readonly #inherited: ClientVariables;
  #after: ArmedHook | undefined;

  /** `inherited`: what this process was itself told by whoever started it, which goes before what a client says. */
  constructor(
    module: Module,
    variables: ClientVariables,
    log: Log,
    inherited: ClientVariables = {},
  ) {
    this.#inherited = inherited;
    this.#module = module;
    this.#variables = variables;
    this.#log = log;
  }

  /** Runs the first one, which reads what the client has sent for it. Rejects with ManifoldError when the client is not to come in. */
  async early(input: Uint8Array): Promise<void> {
    await this.#run("early exec", { ...this.#variables, RSYNC_REQUEST: "(NONE)" }, input);
  }

  /** Makes the last one wait for how this process goes, and runs the one before the transfer. Rejects with ManifoldError. */
  async before(argv: readonly ByteString[]): Promise<void> {
    const paths = argv.slice(argv.indexOf(".") + 1);
    const request = { ...this.#variables, RSYNC_REQUEST: paths.join(" ") };
    const words = [programName, ...argv].map((word, i) => [`RSYNC_ARG${i}`, word] as const);
    const after = this.#module.rsync["post-xfer exec"] ?? "";
    if (after.trim() !== "") {
      const command = this.#expand("post-xfer exec", after, request);
      this.#after = armHook(toText(command), environmentOf(this.#variables));
    }
    await this.#run("pre-xfer exec", { ...request, ...Object.fromEntries(words) }, nothing);
  }

  /** Starts the program that knows names of users and groups; undefined = none is named. Throws ManifoldError. */
  converter(): NameConverter | undefined {
    const written = this.#module.rsync["name converter"] ?? "";
    if (written.trim() === "") return undefined;
    const command = this.#expand("name converter", written, this.#variables);
    const ends = startLineProgram(shellWords(toText(command)), environmentOf(this.#variables));
    return { ...ends, turn: new SharedArrayBuffer(4) };
  }

  /** The transfer is over. */
  after(exit: number): void {
    this.#after?.fire(exit);
  }

  async #run(name: string, variables: ClientVariables, input: Uint8Array): Promise<void> {
    const written = this.#module.rsync[name] ?? "";
    if (written.trim() === "") return;
    const command = this.#expand(name, written, variables);
    const { status, output } = await runHook(toText(command), environmentOf(variables), input);
    if (status === 0) return;
    const how = status === undefined ? "was killed" : `returned failure (${status})`;
    const says = Buffer.from(output).toString("latin1").trim();
    throw this.#failed(`${name} ${how}${says === "" ? "" : `: ${says}`}`);
  }

  #expand(name: string, command: ByteString, variables: ClientVariables): ByteString {
    try {
      return expandCommand(command, { ...variables, ...this.#inherited });
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      this.#failed(error.message);
      // What it was is the operator's to read.
      throw new ManifoldError("unsupported", `${name} could not be run`);
    }
  }

  #failed(says: ByteString): ManifoldError {
    this.#log("hook", { module: toText(this.#module.name), says: toText(says) });
    return new ManifoldError("unsupported", says);
  }
}

const nothing = new Uint8Array(0);

function environmentOf(variables: ClientVariables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, toText(value).replaceAll("\0", "")]),
  );
}
