// Arbitrary changesets and listings that keep the rules of the format, for property tests.

import fc from "fast-check";
import { type Header, orderKind } from "../../src/changeset/index.ts";
import { headerOf, type OrderValue, type RecordValue, type StateValue } from "./sample.ts";

const nameCharacters = ["a", "b", "-", ".", "\xff", "\n", "\\", "z", " ", "_"];
/** Names that are good ones. */
export const nameArbitrary = fc
  .array(fc.constantFrom(...nameCharacters), { minLength: 1, maxLength: 5 })
  .map((letters) => letters.join(""))
  .filter((name) => name !== "." && name !== "..");

const nanos = fc.constantFrom(0, 1, 999_999_999);
const seconds = fc.oneof(fc.constantFrom(0, -1, 1_700_000_000, -(2 ** 40), 2 ** 33), fc.integer());
const id = fc.constantFrom(0, 1, 1000, 65_534, 0xffff_fffe);
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
const permissions = fc.nat(0o7777);

const owned = {
  mtime: seconds,
  mtimeNanos: nanos,
  uid: id,
  gid: id,
  atime: seconds,
  atimeNanos: nanos,
};

const xattrs = fc
  .uniqueArray(fc.constantFrom("user.a", "user.b", "system.posix_acl_access"), { minLength: 1 })
  .chain((names) =>
    fc.tuple(
      ...[...names]
        .sort()
        .map((name) => fc.uint8Array({ maxLength: 8 }).map((value) => ({ name, value }))),
    ),
  );

/** Regular files. */
export const fileArbitrary: fc.Arbitrary<StateValue> = fc
  .record(
    {
      ...owned,
      mode: permissions.map((bits) => 0o100000 | bits),
      size: fc.oneof(fc.nat(5), fc.constantFrom(2 ** 32, 2 ** 40)),
      xattrs,
      digest,
    },
    { requiredKeys: ["mode"] },
  )
  .map(withoutZeros);

const directoryArbitrary: fc.Arbitrary<StateValue> = fc
  .record(
    { ...owned, mode: permissions.map((bits) => 0o040000 | bits), xattrs },
    { requiredKeys: ["mode"] },
  )
  .map(withoutZeros);

const symlinkArbitrary: fc.Arbitrary<StateValue> = fc
  .record({
    ...owned,
    mode: fc.constant(0o120777),
    linkTarget: fc.constantFrom("/x", "../..", "a"),
  })
  .map(withoutZeros);

const nodeArbitrary: fc.Arbitrary<StateValue> = fc
  .record({
    ...owned,
    mode: fc.constantFrom(0o060600, 0o020600, 0o010600, 0o140600),
    rdevMajor: id,
    rdevMinor: id,
  })
  .map(withoutZeros);

/** Any entry. */
export const stateArbitrary = fc.oneof(
  { weight: 4, arbitrary: fileArbitrary },
  { weight: 2, arbitrary: directoryArbitrary },
  symlinkArbitrary,
  nodeArbitrary,
);

function withoutZeros(state: object): StateValue {
  const entries = Object.entries(state).filter(([, value]) => value !== 0 && value !== undefined);
  return Object.fromEntries(entries) as unknown as StateValue;
}

const isFile = (state: StateValue | undefined): boolean =>
  state !== undefined && (state.mode & 0o170000) === 0o100000;
const isDirectory = (state: StateValue | undefined): boolean =>
  state !== undefined && (state.mode & 0o170000) === 0o040000;

/** Sorts by listing order, and by name bytes. */
export function inListingOrder<T>(
  rows: readonly T[],
  key: (row: T) => { readonly name: string; readonly isDirectory: boolean },
): T[] {
  const text = (row: T): string => {
    const { name, isDirectory: isDir } = key(row);
    return isDir ? `\x02${name}/` : `\x01${name}`;
  };
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** One order for the part before the end; `linkable`: a path of a file that stands before it. */
function orderArbitrary(name: string, linkable: string | undefined): fc.Arbitrary<OrderValue> {
  const { add, change, move, link, meta } = orderKind;
  const both = fc.record({ before: stateArbitrary, after: stateArbitrary });
  const basis = fc.record(
    { path: fc.constantFrom("m", "m/n"), size: fc.nat(9), digest },
    { requiredKeys: ["path", "size"], noNullPrototype: true },
  );
  const options: fc.Arbitrary<OrderValue>[] = [
    stateArbitrary.map((after) => ({ kind: add, name, after })),
    fc.record({ states: both, goesOn: fc.boolean() }).map(({ states, goesOn }) => ({
      kind: change,
      name,
      ...states,
      ...(goesOn && isFile(states.before) && states.before.digest !== undefined
        ? { continues: "m/k" }
        : {}),
    })),
    fc
      .record({
        before: fc.option(stateArbitrary, { nil: undefined }),
        after: fileArbitrary,
        basis,
      })
      .map(({ before, after, basis: from }) => ({
        kind: move,
        name,
        ...(before && { before }),
        after,
        basis: from,
      })),
    stateArbitrary.chain((before) =>
      permissions.map((bits) => ({
        kind: meta,
        name,
        before,
        after: { ...before, mode: (before.mode & 0o170000) | bits },
      })),
    ),
  ];
  if (linkable !== undefined) {
    options.push(
      fc
        .record({ before: fc.option(stateArbitrary, { nil: undefined }), after: fileArbitrary })
        .map(({ before, after }) => ({
          kind: link,
          name,
          ...(before && { before }),
          after: { ...after, link: linkable },
        })),
    );
  }
  return fc.oneof(...options);
}

/** Orders of one directory. */
function ordersArbitrary(path: string): fc.Arbitrary<OrderValue[]> {
  const prefix = path === "" ? "" : `${path}/`;
  return fc.uniqueArray(nameArbitrary, { maxLength: 5 }).chain((names) => {
    const sorted = [...names].sort();
    return fc
      .tuple(
        ...sorted.map((name, n) => orderArbitrary(name, n > 0 ? prefix + sorted[0] : undefined)),
      )
      .map((orders) =>
        inListingOrder(orders, ({ name, before, after }) => ({
          name,
          isDirectory: isDirectory(after ?? before),
        })),
      );
  });
}

const selfOrder = fc
  .record({ before: fc.option(directoryArbitrary, { nil: undefined }), after: directoryArbitrary })
  .map(({ before, after }) => ({
    kind: orderKind.meta,
    name: ".",
    ...(before && { before }),
    after,
  }));

/** Deletions of one directory, with its final attributes perhaps. */
const closingArbitrary: fc.Arbitrary<OrderValue[]> = fc
  .tuple(
    fc.option(selfOrder, { nil: undefined }),
    fc
      .uniqueArray(nameArbitrary, { maxLength: 4 })
      .chain((names) =>
        fc.tuple(
          ...names.map((name) =>
            stateArbitrary.map((before) => ({ kind: orderKind.del, name, before })),
          ),
        ),
      ),
  )
  .map(([self, deletions]) => {
    const sorted = inListingOrder(deletions, ({ name, before }) => ({
      name,
      isDirectory: isDirectory(before),
    }));
    return self === undefined ? sorted : [self, ...sorted];
  });

const idNames = fc.dictionary(fc.constantFrom("0", "1000"), fc.constantFrom("root", "\xe9ve"), {
  noNullPrototype: true,
});
const named = idNames.map((names) =>
  Object.keys(names).length === 0
    ? undefined
    : new Map(Object.entries(names).map(([key, name]) => [Number(key), name])),
);

/** Headers, whatever the kind. */
export const headerArbitrary: fc.Arbitrary<Header> = fc
  .record({
    digest: fc.constantFrom("blake3", "sha256") as fc.Arbitrary<Header["digest"]>,
    compression: fc.constantFrom("none", "deflate") as fc.Arbitrary<Header["compression"]>,
    preserves: fc.subarray(["mode", "mtime", "owner", "acls"]) as fc.Arbitrary<Header["preserves"]>,
    options: fc
      .dictionary(
        fc.constantFrom("modify-window", "numeric-ids", "on-conflict"),
        fc.oneof(fc.boolean(), fc.integer(), fc.constantFrom("skip", "é")),
      )
      .map((options) => new Map(Object.entries(options))),
    filters: fc.array(fc.constantFrom("- *.o", "P /\xff")),
    program: fc.constantFrom("", "manifold 0.1.0"),
  })
  .map((fields) => headerOf(fields));

const paths = ["", "a", "a-b", "a-b/c", "a/b", "a/b/c", "z"];
/** The same directories, children first. */
const closingPaths = ["a-b/c", "a-b", "a/b/c", "a/b", "a", "z", ""];

function sectionArbitrary(section: "directory" | "late"): fc.Arbitrary<RecordValue[]> {
  const inOrder = ["", "a-b", "a-b/c", "a", "a/b", "a/b/c", "z"];
  return fc.subarray(inOrder).chain((chosen) =>
    fc.tuple(
      ...chosen.map((path) =>
        fc.record({ orders: ordersArbitrary(path), users: named, groups: named }).map(
          ({ orders, users, groups }): RecordValue => ({
            type: section,
            path,
            orders,
            ...(users && { users }),
            ...(groups && { groups }),
          }),
        ),
      ),
    ),
  );
}

const closings: fc.Arbitrary<RecordValue[]> = fc
  .subarray(closingPaths)
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((path) =>
        closingArbitrary.map((orders): RecordValue => ({ type: "closing", path, orders })),
      ),
    ),
  );

const problem: fc.Arbitrary<RecordValue> = fc.record(
  {
    type: fc.constant("problem" as const),
    path: fc.constantFrom("src/x", "", "../y"),
    role: fc.constantFrom("source", "target") as fc.Arbitrary<"source" | "target">,
    operation: fc.constantFrom("open", "lstat"),
    errno: fc.nat(133),
    exit: fc.constantFrom(23, 24),
    message: fc.option(fc.constantFrom("gone", "\xff"), { nil: undefined }),
  },
  { noNullPrototype: true },
);

/** Changesets without content. */
export const changesetArbitrary = fc.record({
  header: headerArbitrary,
  records: fc
    .tuple(
      sectionArbitrary("directory"),
      fc.array(problem, { maxLength: 2 }),
      sectionArbitrary("late"),
      closings,
    )
    .map(([directories, problems, late, closed]) => [
      ...directories,
      ...problems,
      ...late,
      ...closed,
    ]),
});

/** Listings. */
export const listingArbitrary = fc.record({
  header: headerArbitrary.map((header): Header => ({ ...header, kind: "listing" })),
  records: fc.subarray(["", "a-b", "a-b/c", "a", "a/b", "z"]).chain((chosen) =>
    fc.tuple(
      ...chosen.map((path) =>
        fc
          .record({
            names: fc.uniqueArray(nameArbitrary, { maxLength: 6 }),
            states: fc.array(stateArbitrary, { minLength: 6, maxLength: 6 }),
            complete: fc.boolean(),
            users: named,
          })
          .map(({ names, states, complete, users }): RecordValue => {
            const entries = names.map((name, i) => ({ name, ...(states[i] as StateValue) }));
            return {
              type: "listing",
              path,
              entries: inListingOrder(entries, (entry) => ({
                name: entry.name,
                isDirectory: isDirectory(entry),
              })),
              ...(complete ? {} : { complete }),
              ...(users && { users }),
            };
          }),
      ),
    ),
  ),
});

/** All paths that the arbitraries use. */
export const arbitraryPaths: readonly string[] = paths;
