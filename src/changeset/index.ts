// changeset: the narrow waist. What a sync is, as records: for every entry of the source an order
// that says what is to be done about it on the target. Locally the orders are columns that lanes
// pass to one another; a codec makes the same orders a file or a message.

export { type FrozenOrders, movesContent, Orders, order } from "./orders.ts";
