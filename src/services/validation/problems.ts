import type { Currency } from '../../core/money/money.js';
import { BadUserInputError, type FieldProblem } from '../../errors.js';

const MAX_NAME_LENGTH = 200;

export function codeProblems(code: string, path = 'input.code'): FieldProblem[] {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(code)) return [];
  return [{ path, message: 'takes 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit' }];
}

export function nameProblems(name: string, path = 'input.name'): FieldProblem[] {
  if (name.trim() !== '' && name.length <= MAX_NAME_LENGTH) return [];
  return [{ path, message: `takes 1 to ${MAX_NAME_LENGTH} characters` }];
}

const MAX_TEXT_LENGTH = 2_000;

/** What somebody may leave out: a description, a reason. */
export function textProblems(text: string | null | undefined, path: string, most = MAX_TEXT_LENGTH): FieldProblem[] {
  return (text ?? '').length <= most ? [] : [{ path, message: `takes at most ${most} characters` }];
}

/** The most that one price may be: sums of many stay exact integers. */
const MAX_PRICE_CENTS = 1_000_000_000_000;

export function priceProblems(cents: number, path: string): FieldProblem[] {
  return cents >= 0 && cents <= MAX_PRICE_CENTS ? [] : [{ path, message: `takes 0 to ${MAX_PRICE_CENTS} cents` }];
}

export function rejectProblems(problems: readonly FieldProblem[]): void {
  if (problems.length > 0) throw new BadUserInputError(problems);
}

/** One subscription is billed in one currency, and so is quoted. */
export function rejectOtherCurrencies(
  currency: Currency,
  addons: readonly { readonly code: string; readonly price: { readonly currency: Currency } }[],
  path: string,
): void {
  const other = addons.find((addon) => addon.price.currency !== currency);
  if (other) {
    throw BadUserInputError.at(
      path,
      `addon "${other.code}" is priced in ${other.price.currency}, the plan in ${currency}`,
    );
  }
}
