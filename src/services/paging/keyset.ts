import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../core/lists/paging.js';
import { storableProblem } from '../../core/text/storable-text.js';
import { BadUserInputError } from '../../errors.js';

/** What every list takes: at most `first` rows after the one that `after` stands for. */
export interface PageRequest {
  /** Null: as many as without a size. */
  readonly first: number | null;
  readonly after?: string | null | undefined;
}

/**
 * One page, read by the key of the row before it: it stays right while rows come and go, and the last page costs as much
 * as the first. `totalCount` is there where it was asked for.
 */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly totalCount: number | null;
  cursorOf(row: Row): string;
}

const sizeOf = ({ first }: PageRequest): number => first ?? DEFAULT_PAGE_SIZE;

/** `first` within its bounds and one more row to learn whether there is a next page. Throws BAD_USER_INPUT. */
export function pageLimit(request: PageRequest, path = 'first'): number {
  const first = sizeOf(request);
  if (first < 1 || first > MAX_PAGE_SIZE) throw BadUserInputError.at(path, `must be from 1 to ${MAX_PAGE_SIZE}`);
  return first + 1;
}

/** The sort key of a row as an opaque cursor. The key's parts never change while the row lives. */
export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The key that a cursor holds, or null without one. `isValid` guards each part. Throws BAD_USER_INPUT at `path`. */
export function decodeCursor(
  after: string | null | undefined,
  isValid: readonly ((part: string) => boolean)[],
  path = 'after',
): string[] | null {
  if (after === null || after === undefined) return null;
  const rejected = BadUserInputError.at(path, 'is not a cursor of this list');
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
  } catch {
    throw rejected;
  }
  if (!Array.isArray(key) || key.length !== isValid.length) throw rejected;
  const parts = key.filter((part): part is string => typeof part === 'string');
  if (
    parts.length !== key.length ||
    !parts.every((part, index) => storableProblem(part) === null && isValid[index]?.(part))
  )
    throw rejected;
  return parts;
}

export const isUuid = (part: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(part);
export const isBigint = (part: string): boolean => /^\d{1,18}$/.test(part);
/** A day that the calendar has; Postgres knows no year 0, and Date takes 30 February for 2 March. */
export const isDay = (part: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(part) && part >= '0001' && toIsoDay(new Date(`${part}T00:00:00Z`)) === part;
export const isInstant = (part: string): boolean =>
  /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(part) && isDay(part.slice(0, 10)) && !Number.isNaN(Date.parse(part));

const toIsoDay = (date: Date): string | null => (Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10));

/** Cuts the extra row off and says what is around the page. */
export function toPage<Row>(
  request: PageRequest,
  fetched: readonly Row[],
  cursorOf: (row: Row) => string,
  totalCount: number | null = null,
): Page<Row> {
  const size = sizeOf(request);
  const hasNextPage = fetched.length > size;
  return {
    rows: hasNextPage ? fetched.slice(0, size) : fetched,
    hasNextPage,
    hasPreviousPage: (request.after ?? null) !== null,
    totalCount,
    cursorOf,
  };
}
