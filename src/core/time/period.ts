import { BadUserInputError } from '../../errors.js';

declare const dayBrand: unique symbol;
declare const periodBrand: unique symbol;

/** A calendar day in UTC, YYYY-MM-DD; days compare as text. Made by `parseDay`, `dayOf` and the functions here alone. */
export type Day = string & { readonly [dayBrand]: true };

/** A calendar month in UTC, written as its first day; so every period is a day too. */
export type Period = Day & { readonly [periodBrand]: true };

/** Half-open: `from` is the first day in it, `until` the first day after it; null is open-ended. */
export interface DayRange {
  readonly from: Day;
  readonly until: Day | null;
}

export interface ClosedDayRange extends DayRange {
  readonly until: Day;
}

const MS_PER_DAY = 86_400_000;

/** A day as text from outside. Years 1000 to 9998, days that exist; `path` names the argument in the error. */
export function parseDay(text: string, path = 'day'): Day {
  const [, year, month, day] = /^([1-9]\d{3})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) throw BadUserInputError.at(path, `"${text}" is not a day; it takes YYYY-MM-DD`);
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (year === '9999' || at.toISOString().slice(0, 10) !== text)
    throw BadUserInputError.at(path, `there is no day ${text}`);
  return text as Day;
}

/** The month that a day as text from outside lies in: any day of the month names it. */
export function parsePeriod(text: string, path = 'period'): Period {
  return periodOf(parseDay(text, path));
}

/** The UTC day of an instant. */
export function dayOf(instant: Date): Day {
  return instant.toISOString().slice(0, 10) as Day;
}

/** The instant at which a day begins. */
export function startOfDay(day: Day): Date {
  return new Date(`${day}T00:00:00.000Z`);
}

export function addDays(day: Day, count: number): Day {
  return dayOf(new Date(startOfDay(day).getTime() + count * MS_PER_DAY));
}

/** Days from `from`, included, to `until`, excluded; negative where they are the wrong way round. */
export function daysBetween(from: Day, until: Day): number {
  return (startOfDay(until).getTime() - startOfDay(from).getTime()) / MS_PER_DAY;
}

export function periodOf(day: Day): Period {
  return `${day.slice(0, 8)}01` as Period;
}

export function nextPeriod(period: Period): Period {
  return periodOf(addDays(period, 31));
}

export function previousPeriod(period: Period): Period {
  return periodOf(addDays(period, -1));
}

export function daysInMonth(period: Period): number {
  return daysBetween(period, nextPeriod(period));
}

export function lastDayOf(period: Period): Day {
  return addDays(nextPeriod(period), -1);
}

export function rangeOf(period: Period): ClosedDayRange {
  return { from: period, until: nextPeriod(period) };
}

/** The part of a range that lies within a month; null where none does. */
export function clipToPeriod(range: DayRange, period: Period): ClosedDayRange | null {
  return intersect(range, rangeOf(period));
}

export function intersect(range: DayRange, within: ClosedDayRange): ClosedDayRange | null {
  const from = laterDay(range.from, within.from);
  const until = range.until === null ? within.until : earlierDay(range.until, within.until);
  return from < until ? { from, until } : null;
}

export function laterDay(a: Day, b: Day): Day {
  return isBefore(a, b) ? b : a;
}

export function earlierDay(a: Day, b: Day): Day {
  return isBefore(a, b) ? a : b;
}

function isBefore(a: Day, b: Day): boolean {
  return a < b;
}

/** Every day of a range, first to last. */
export function daysOf(range: ClosedDayRange): Day[] {
  return Array.from({ length: Math.max(0, daysBetween(range.from, range.until)) }, (_, i) => addDays(range.from, i));
}
