import { editDistance } from './edit-distance.js';

/** A name apart from its case, its punctuation and its numbers. */
export interface NameShape {
  /** Runs of letters, and NUMBER for each run of digits. */
  readonly words: readonly string[];
  /** The runs of digits without leading zeros, in order. */
  readonly numbers: readonly string[];
}

const NUMBER = '#';
const PART = /\d+|(?:(?!\d)[\p{L}\p{M}\p{N}])+/gu;

export function shapeOf(name: string): NameShape {
  const words: string[] = [];
  const numbers: string[] = [];
  for (const [part] of foldCase(name).matchAll(PART)) {
    if (/^\d/.test(part)) {
      words.push(NUMBER);
      numbers.push(part.replace(/^0+(?=.)/, ''));
    } else words.push(part);
  }
  return { words, numbers };
}

/** What two names share that are the same but for case. */
export function foldCase(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

/** The most slips in the letters of a whole name that still make it the same name, misspelt. */
export const MAX_EDITS = 2;
/** How many letters of a word bear one slip. */
export const LETTERS_PER_EDIT = 4;

/**
 * How many slips lie between two names' words, or null where they are other names: one slip for every four letters of a
 * word and no more, so that a short word ("eu" and "us", "dev" and "prd") is never taken for another.
 */
export function editsBetween(a: readonly string[], b: readonly string[]): number | null {
  if (a.length !== b.length) return null;
  let edits = 0;
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [a[i] as string, b[i] as string];
    if (one === other) continue;
    if (one === NUMBER || other === NUMBER) return null;
    const limit = Math.min(MAX_EDITS - edits, Math.floor(Math.max(one.length, other.length) / LETTERS_PER_EDIT));
    const distance = editDistance(one, other, limit);
    if (distance > limit) return null;
    edits += distance;
  }
  return edits;
}

/** Numbers from here on are stamps that a machine gave, such as milliseconds since 1970: a slip in one is a slip. */
const MIN_LONG_NUMBER_DIGITS = 10;
/** Beyond this many digits a number is no longer exact. */
const MAX_LONG_NUMBER_DIGITS = 15;
const DATE_FIRST = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/;

/**
 * Whether one wrong digit in a number may be a slip. In a short one it names a sibling (`web-1` and `web-2`), and so it
 * does in a written date (`202604010300`).
 */
export function isLongNumber(number: string): boolean {
  return number.length >= MIN_LONG_NUMBER_DIGITS && number.length <= MAX_LONG_NUMBER_DIGITS && !DATE_FIRST.test(number);
}

/** Every number one slip away from a stamp: two neighbours swapped, one digit wrong, one too many, one lost. */
export function* longNumberEdits(longNumber: string): Generator<number> {
  const value = Number(longNumber);
  for (let i = 0; i < longNumber.length; i++) {
    const place = 10 ** (longNumber.length - 1 - i);
    const digit = Number(longNumber[i]);
    for (let other = i === 0 ? 1 : 0; other < 10; other++) if (other !== digit) yield value + (other - digit) * place;
    if (i > 0) yield value + (digit - Number(longNumber[i - 1])) * place * 9;
    yield Number(longNumber.slice(0, i) + longNumber.slice(i + 1));
  }
  if (longNumber.length === MAX_LONG_NUMBER_DIGITS) return;
  for (let place = 1, i = 0; i <= longNumber.length; i++, place *= 10) {
    const behind = value % place;
    for (let extra = 0; extra < 10; extra++) yield (value - behind) * 10 + extra * place + behind;
  }
}
