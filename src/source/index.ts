// source: where bytes come from. `many/` deals the content of one tree out among several sources of
// unequal speed. It is a policy: it opens nothing and has no clock of its own; whoever owns the
// connections tells it what happens, and asks it what to do next.
//
//   add(files) -> backlog -> next(source) -> assignment -> arrived / done / failed -> backlog
//                              ^ when nothing is left to begin: the end of somebody else's work
//
// Not guaranteed: which source brings what, and in which order. Only that every byte is dealt to a
// source that has it, until it has come.

export type { Assignment, Part } from "./many/assignment.ts";
export { Dealer, type DealerSettings, type Failure } from "./many/dealer.ts";
export type { SourceProfile, SourceSettings } from "./many/source-state.ts";
