import { BadUserInputError, type FieldProblem } from '../../errors.js';

const MAX_NAME_LENGTH = 200;

/** A code or slug: lower case, as URLs and invoices show it. */
export function codeProblems(code: string, path = 'input.code'): FieldProblem[] {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(code)) return [];
  return [{ path, message: 'takes 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit' }];
}

/** A name that must not be blank. */
export function nameProblems(name: string, path = 'input.name'): FieldProblem[] {
  if (name.trim() !== '' && name.length <= MAX_NAME_LENGTH) return [];
  return [{ path, message: `takes 1 to ${MAX_NAME_LENGTH} characters` }];
}

const MAX_TEXT_LENGTH = 2_000;

/** Optional text: a description, a reason. */
export function textProblems(text: string | null | undefined, path: string, max = MAX_TEXT_LENGTH): FieldProblem[] {
  return (text ?? '').length <= max ? [] : [{ path, message: `takes at most ${max} characters` }];
}

/** One price; sums of many prices stay exact integers. */
const MAX_PRICE_CENTS = 1_000_000_000_000;

/** Cents of a price. */
export function priceProblems(cents: number, path: string): FieldProblem[] {
  return cents >= 0 && cents <= MAX_PRICE_CENTS ? [] : [{ path, message: `takes 0 to ${MAX_PRICE_CENTS} cents` }];
}

/** Throws BAD_USER_INPUT with every problem; does nothing if there is none. */
export function rejectProblems(problems: readonly FieldProblem[]): void {
  if (problems.length > 0) throw new BadUserInputError(problems);
}
