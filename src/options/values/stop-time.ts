// The moments of --stop-at and --stop-after.
//
// --stop-at takes [[[YEAR-]MONTH-]DAY][T][HOUR:MINUTE], "/" for "-" allowed, in local time. What is
// left out on the left is chosen so that the moment is the next one to come; a missing time is
// midnight; a bare ":MINUTE" is the next time that the clock shows that minute.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { leadingInteger } from "./integer.ts";

/** The parts of a moment that were written; months count from 1. */
interface Moment {
  readonly year: number | undefined;
  readonly month: number | undefined;
  readonly day: number | undefined;
  readonly hour: number | undefined;
  readonly minute: number | undefined;
}

const hourMs = 3_600_000;
/** A leap day may be up to eight years away (1896 to 1904). */
const yearsAhead = 8;

/**
 * Returns when --stop-at asks to stop, in milliseconds since 1970, after `now` (same unit).
 *
 * Throws a usage error when the text is no date or names one that has passed.
 */
export function parseStopAt(text: ByteString, now: number): number {
  const moment = readMoment(text);
  const stopAt = moment === undefined ? undefined : nextTime(moment, now);
  if (stopAt === undefined || Number.isNaN(stopAt)) {
    throw new ManifoldError("usage", `invalid --stop-at format: ${text}`);
  }
  if (Math.floor(stopAt / 1000) <= Math.floor(now / 1000)) {
    throw new ManifoldError("usage", `--stop-at time is not in the future: ${text}`);
  }
  return stopAt;
}

/** Returns the moment `text` minutes after `now`, both in milliseconds since 1970. */
export function parseStopAfter(text: ByteString, now: number): number {
  const minutes = leadingInteger(text);
  const stopAt = now + minutes * 60_000;
  if (minutes <= 0 || !Number.isSafeInteger(Math.floor(stopAt))) {
    throw new ManifoldError("usage", `invalid --stop-after value: ${text}`);
  }
  return stopAt;
}

const dateForm = /^(?:(?:(\d+)[-/])?(\d+)[-/])?(\d+)(?:[Tt]$|$|[Tt/-](?=\d+:))(?:(\d+):(\d+))?$/;
const clockForm = /^[Tt]?(\d+):(\d+)$/;
const minuteForm = /^:(\d+)$/;

/** Splits the text into numbers; undefined when it does not have the form. */
function readMoment(text: ByteString): Moment | undefined {
  const numbers =
    dateForm.exec(text) ??
    clockForm.exec(text)?.toSpliced(1, 0, "", "", "") ??
    minuteForm.exec(text)?.toSpliced(1, 0, "", "", "", "");
  if (numbers === undefined) return undefined;
  const [year, month, day, hour, minute] = numbers
    .slice(1)
    .map((digits) => (digits ? Number(digits) : undefined));
  const moment = { year, month, day, hour, minute };
  return inRange(moment) ? moment : undefined;
}

function inRange({ year, month, day, hour, minute }: Moment): boolean {
  return (
    (year === undefined || year <= 275_000) &&
    (month === undefined || (month >= 1 && month <= 12)) &&
    (day === undefined || (day >= 1 && day <= 31)) &&
    (hour === undefined || hour <= 23) &&
    (minute === undefined || minute <= 59)
  );
}

// The calendar of the place where the user is; the time itself comes in as an argument.
// biome-ignore lint/style/noRestrictedGlobals: calendar arithmetic, no clock is read
const Calendar = Date;

/** Returns local time as milliseconds since 1970; undefined when the month has no such day. */
function localTime(
  [year, month, day]: readonly [number, number, number],
  [hour, minute]: readonly [number, number],
): number | undefined {
  const date = new Calendar(2000, 0, 1, hour, minute);
  date.setFullYear(year, month, day);
  return date.getMonth() === ((month % 12) + 12) % 12 ? date.getTime() : undefined;
}

/** Returns the first moment after `now` that fits what was written. */
function nextTime(moment: Moment, now: number): number | undefined {
  const today = new Calendar(now);
  if (moment.hour === undefined && moment.minute !== undefined) {
    const time: readonly [number, number] = [today.getHours(), moment.minute];
    let at = localTime([today.getFullYear(), today.getMonth(), today.getDate()], time) ?? now;
    while (at <= now) at += hourMs;
    return at;
  }
  const time: readonly [number, number] = [moment.hour ?? 0, moment.minute ?? 0];
  const { year, month, day } = moment;
  if (year !== undefined && month !== undefined && day !== undefined) {
    const full = new Calendar(2000, 0, 1, ...time);
    // A day past the end of its month runs on into the next one, as in C.
    return full.setFullYear(expandYear(year, today.getFullYear()), month - 1, day);
  }
  for (let step = 0; step <= yearsAhead * 12; step++) {
    const date = candidate(moment, today, step);
    if (date[0] > today.getFullYear() + yearsAhead) return undefined;
    const at = localTime(date, time);
    if (at !== undefined && at > now) return at;
  }
  return undefined;
}

/** Returns the date that fits what was written, `step` of the smallest open unit from today. */
function candidate(
  moment: Moment,
  today: InstanceType<typeof Calendar>,
  step: number,
): readonly [number, number, number] {
  const thisYear = today.getFullYear();
  const thisMonth = today.getMonth();
  if (moment.day === undefined) {
    const date = new Calendar(thisYear, thisMonth, today.getDate() + step);
    return [date.getFullYear(), date.getMonth(), date.getDate()];
  }
  if (moment.month === undefined) {
    const months = thisYear * 12 + thisMonth + step;
    return [Math.floor(months / 12), months % 12, moment.day];
  }
  return [thisYear + step, moment.month - 1, moment.day];
}

/** Two-digit years mean the next year that ends so. */
function expandYear(year: number, thisYear: number): number {
  if (year >= 100) return year;
  return thisYear + ((((year - thisYear) % 100) + 100) % 100);
}
