export type ParsedTime = { readonly at: Date } | { readonly error: string };

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:?\d\d$/;
const MAX_OFFSET_HOURS = 14;

/** A time as the invoice prints it, `2026-04-01 00:00:00 +0000`: no ISO 8601, so nothing is left to `new Date`. */
export function parseProviderTime(text: string): ParsedTime {
  if (!TIME.test(text)) return { error: `${JSON.stringify(text)} is not a time as 2026-04-01 00:00:00 +0000` };
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const offsetHours = twoDigits(text, 21);
  const offsetMinutes = twoDigits(text, text.length - 2);
  const isReal =
    year >= 1000 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    offsetMinutes < 60 &&
    offsetHours <= MAX_OFFSET_HOURS;
  if (!isReal) return { error: `there is no time ${JSON.stringify(text)}` };
  const offsetMs = (offsetHours * 60 + offsetMinutes) * 60_000;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  return { at: new Date(text[20] === '+' ? local - offsetMs : local + offsetMs) };
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
