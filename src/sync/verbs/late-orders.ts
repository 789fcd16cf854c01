// Orders that wait until all of the target has been seen, because the target may have their content under another
// name: what makes files, or replaces them (somebody else may need what they replace), and hard links, which
// come after what they link to. They wait in a spool; of the files that are wanted, and of all that are there, only
// what finds the ones among the others is held.

import { type ByteString, joinPath } from "../../base/index.ts";
import {
  addRowLike,
  copyState,
  type ListedDirectory,
  OrderedDirectory,
  type OrderSpool,
  orderKind,
} from "../../changeset/index.ts";
import { Candidates, type MoveMatches, matchMoves, WantedFiles } from "../../pipeline/index.ts";
import { type Directory, isDirectory, isRegular } from "../../tree/index.ts";
import { ScratchStore } from "../state/scratch-store.ts";
import { ListedDigests } from "./listed-digests.ts";
import { type ChosenBasis, MoveChoice, type MoveDetection } from "./move-choice.ts";
import type { Steps } from "./steps.ts";

/** Bytes of wanted files; further ones do not wait. Together with what finds them about three times that. */
const wantedBytesMax = 64 * 1024 * 1024;
/** Bytes of candidates that are in memory; further ones are in a file. */
const candidateBytesMax = 64 * 1024 * 1024;
const candidatesMax = 16;
/** Files whose digests are asked for, where the target is elsewhere; what is beyond is sent. */
const askedMax = 256 * 1024;

/** Where the content of an old file goes on. */
interface Continued {
  readonly path: ByteString;
  readonly digest: Uint8Array;
}

/** Keeps orders back, and decides about them. */
export class LateOrders {
  readonly #moves: MoveDetection;
  readonly #spool: OrderSpool;
  readonly #wanted = new WantedFiles();
  #spilled: ScratchStore | undefined;
  readonly #candidates = new Candidates(candidateBytesMax, () => {
    this.#spilled = new ScratchStore();
    return this.#spilled;
  });
  /** Candidates so far. */
  #seen = 0;
  /** Digests of candidates, where the target is a listing that may have them. */
  readonly #digests: ListedDigests | undefined;
  #matches: MoveMatches | undefined;
  readonly #flowing = new OrderedDirectory();
  readonly #waiting = new OrderedDirectory();
  /** Old files that an order before the end, or a late one, replaces. */
  readonly #replaced = new Set<ByteString>();
  /** Old files that become directories: what comes below them cannot wait. */
  readonly #gone = new Set<ByteString>();
  readonly #continued = new Map<ByteString, Continued>();
  /** There was nothing on the target: nothing waits. */
  #isFirstCopy = false;

  constructor(spool: OrderSpool, moves: MoveDetection) {
    this.#spool = spool;
    this.#moves = moves;
    const isListed = moves.target.place === undefined && moves.target.digest === moves.digest;
    this.#digests = isListed ? new ListedDigests() : undefined;
  }

  /** Takes what the target has in a directory. */
  see(path: ByteString, target: ListedDirectory): void {
    const { columns, states } = target;
    if (path === "" && (columns.count === 0 || (columns.count === 1 && columns.isDirectory(0)))) {
      this.#isFirstCopy = true;
    }
    if (this.#isFirstCopy) return;
    this.#seen += this.#candidates.addDirectory(this.#seen, path, columns, (i) => {
      this.#digests?.add(states.digests.get(i));
      return true;
    });
  }

  /** Keeps rows back that wait and returns the others, valid until the next call. */
  keep(changes: OrderedDirectory): OrderedDirectory {
    if (this.#isFirstCopy) return changes;
    const [flowing, waiting] = [this.#flowing, this.#waiting];
    flowing.reset(changes.path, changes.complete);
    waiting.reset(changes.path);
    for (let row = 0; row < changes.count; row++) {
      const into = this.#waits(changes, row) ? waiting : flowing;
      const to = addRowLike(into, changes.kind[row] as number, changes, row);
      copyState(changes.before, row, into.before, to);
      copyState(changes.after, row, into.after, to);
    }
    if (waiting.count > 0) this.#wait(waiting);
    return flowing;
  }

  #waits({ kind, before, after, path, columns }: OrderedDirectory, row: number): boolean {
    const [was, shall] = [before.columns.mode[row] as number, after.columns.mode[row] as number];
    if (kind[row] === orderKind.link) return true;
    if (kind[row] === orderKind.meta || isDirectory(was)) return false;
    if (isRegular(was) && isDirectory(shall)) this.#gone.add(joinPath(path, columns.name(row)));
    if (isDirectory(shall)) return false;
    return isRegular(was) || (isRegular(shall) && after.columns.size[row] !== 0);
  }

  #wait(orders: OrderedDirectory): void {
    const wanted = this.#wanted;
    let directory = -1;
    for (let row = 0; row < orders.count; row++) {
      const hasOwn = isRegular(orders.before.columns.mode[row] as number);
      if (hasOwn) this.#replaced.add(joinPath(orders.path, orders.name(row)));
      if (!isWanted(orders, row) || wanted.bytes > wantedBytesMax) continue;
      if (directory < 0) directory = wanted.addDirectory(orders.path);
      wanted.add(directory, row, orders.after.columns, row, hasOwn);
    }
    const names = Array.from({ length: orders.count }, (_, row) => orders.name(row));
    this.#moves.source.places?.note(names);
    this.#spool.put(orders);
  }

  /** All of the target has been seen: looks for what may have the content of what waits. */
  *match(): Steps {
    const { detect, deltas, target } = this.#moves;
    this.#matches = matchMoves(this.#wanted, this.#candidates, {
      ...{ candidatesMax, sameName: detect === "names", isOwn: () => true },
      likeness: deltas && detect !== "names" && target.place !== undefined,
    });
    yield* this.#ask(this.#matches);
  }

  /** Asks for digests of what matches by size. */
  *#ask(matches: MoveMatches): Steps {
    const { ask, detect } = this.#moves;
    const digests = this.#digests;
    if (ask === undefined || digests === undefined || detect === "names") return;
    const paths = new Map<number, ByteString>();
    for (let i = 0; i < this.#wanted.count && paths.size < askedMax; i++) {
      for (const { same, tag, index, directory, name } of matches.of(i)) {
        if (same === "name" || digests.of(tag + index) !== undefined) continue;
        paths.set(tag + index, joinPath(directory, name));
      }
    }
    if (paths.size === 0) return;
    yield ask([...paths.values()]).then((known) => digests.learn([...paths.keys()], known));
  }

  /** Gives everything that waits, decided; each is valid until the next. After match(). */
  *decide(): Generator<OrderedDirectory> {
    const { sign } = this.#moves;
    const chosen = this.#choose(this.#matches as MoveMatches);
    let next = 0;
    for (let n = 0; n < this.#spool.count; n++) {
      const orders = this.#spool.read(n);
      const signed = new Set<number>();
      for (let row = 0; row < orders.count; row++) {
        this.#continue(orders, row);
        if (!isWanted(orders, row) || next >= this.#wanted.count) continue;
        const basis = chosen.get(next++);
        if (basis === undefined) continue;
        const { path, size, digest, isConfirmed } = basis;
        orders.kind[row] = orderKind.move;
        orders.bases.set(row, { path, size, digest });
        // So an inverse can say where the content goes on that this order brings.
        if (isConfirmed && digest !== undefined) orders.after.digests.set(row, digest);
        if (basis.isSigned) signed.add(row);
      }
      sign(signed);
      yield orders;
    }
    sign(new Set());
  }

  /** Says of what is deleted, or replaced, where its content goes on. */
  amend(orders: OrderedDirectory): void {
    for (let row = 0; row < orders.count; row++) {
      if (orders.kind[row] === orderKind.del) this.#continue(orders, row);
    }
  }

  /** Lets go of files. */
  close(): void {
    this.#spilled?.close();
    this.#digests?.close();
  }

  /** Chooses for all files before the first order is given: an order says where content goes that a later one needs. */
  #choose(matches: MoveMatches): ReadonlyMap<number, ChosenBasis> {
    const chosen = new Map<number, ChosenBasis>();
    const isReplaced = (path: ByteString): boolean =>
      this.#replaced.has(path) || this.#gone.has(path);
    const choice = new MoveChoice(this.#moves, this.#digests, isReplaced);
    let next = 0;
    for (let n = 0; n < this.#spool.count; n++) {
      const orders = this.#spool.read(n);
      for (let row = 0; row < orders.count && next < this.#wanted.count; row++) {
        if (!isWanted(orders, row)) continue;
        const i = next++;
        const hasOwn = this.#wanted.hasOwn[i] === 1;
        const candidates = matches
          .of(i)
          .filter(({ directory, name }) => !this.#gone.has(joinPath(directory, name)));
        const basis = choice.choose({ orders, row, hasOwn }, candidates);
        if (basis === undefined) continue;
        chosen.set(i, basis);
        const { path, digest, isConfirmed } = basis;
        if (!isConfirmed || digest === undefined || this.#continued.has(path)) continue;
        this.#continued.set(path, { path: joinPath(orders.path, orders.name(row)), digest });
      }
    }
    return chosen;
  }

  #continue(orders: OrderedDirectory, row: number): void {
    const { before, path } = orders;
    if (this.#continued.size === 0 || !isRegular(before.columns.mode[row] as number)) return;
    const goesOn = this.#continued.get(joinPath(path, orders.name(row)));
    if (goesOn === undefined) return;
    before.digests.set(row, goesOn.digest);
    orders.continues.set(row, goesOn.path);
  }
}

/** Says whether a row that waits makes a file that may begin from another. */
function isWanted({ kind, before, after }: OrderedDirectory, row: number): boolean {
  const makes = kind[row] === orderKind.add || kind[row] === orderKind.change;
  const isFile = isRegular(after.columns.mode[row] as number) && after.columns.size[row] !== 0;
  return makes && isFile && !isAlready(before.columns, after.columns, row);
}

/** The old file is as the new one is to be, and yet not the one (a name of a group of hard links that leaves it). */
function isAlready(was: Directory, shall: Directory, row: number): boolean {
  return (
    isRegular(was.mode[row] as number) &&
    was.size[row] === shall.size[row] &&
    was.mtime[row] === shall.mtime[row] &&
    was.mtimeNanos[row] === shall.mtimeNanos[row]
  );
}
