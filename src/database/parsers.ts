import pg from 'pg';

/** `2026-04-01 00:00:00.123456+00`: what Postgres prints under UTC. */
const TIMESTAMPTZ = 1184;
const TEXT_ARRAY = 1009;
const TEXT = 'text';

type Parse = (text: string) => unknown;
const otherTimestamp = pg.types.getTypeParser(TIMESTAMPTZ, TEXT) as Parse;
const otherArray = pg.types.getTypeParser(TEXT_ARRAY as never, TEXT) as Parse;

const plain = (oid: number, format: string | undefined) => pg.types.getTypeParser(oid, format as never);

/**
 * pg's own parsers, but for the two that cost the most of a page: instants and lists of texts. What does not have the
 * plain form goes to pg's.
 */
export const parsedTypes = {
  getTypeParser(oid: number, format?: string) {
    if (format !== 'binary') {
      if (oid === TIMESTAMPTZ) return parseTimestamp;
      if (oid === TEXT_ARRAY) return parseTextArray;
    }
    return plain(oid, format);
  },
} as pg.CustomTypesConfig;

/** The same, but instants stay texts, in the form of the API: a Date of each would be made only to be printed again. */
export const printedTypes = {
  getTypeParser(oid: number, format?: string) {
    return oid === TIMESTAMPTZ && format !== 'binary'
      ? printTimestamp
      : parsedTypes.getTypeParser(oid, format as never);
  },
} as pg.CustomTypesConfig;

export function parseTimestamp(text: string): unknown {
  // Four digits of the year, so that neither a later one nor a BC is cut in the wrong place.
  if (text[4] !== '-' || text[10] !== ' ' || !text.endsWith('+00')) return otherTimestamp(text);
  const end = Math.min(text.length - 3, 23);
  return new Date(`${text.slice(0, 10)}T${text.slice(11, end)}Z`);
}

export function printTimestamp(text: string): string {
  // To the second and the millisecond, which Postgres leaves out or does not end with.
  if (text.length < 22 || text[4] !== '-' || text[10] !== ' ' || !text.endsWith('+00'))
    return (otherTimestamp(text) as Date).toISOString();
  const millis = text[19] === '.' ? text.slice(20, Math.min(text.length - 3, 23)).padEnd(3, '0') : '000';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${millis}Z`;
}

export function parseTextArray(text: string): unknown {
  if (text === '{}') return [];
  // Quotes stand around what has commas, braces or backslashes; NULL without them is null.
  if (text[1] === '{' || text[0] !== '{' || text.includes('"') || text.includes('NULL')) return otherArray(text);
  return text.slice(1, -1).split(',');
}
