import type { Currency } from '../../core/money/money.js';
import { BadUserInputError } from '../../errors.js';
import type { AddonRow } from './list-catalog.js';

/** Throws BAD_USER_INPUT at `path` if an addon has another currency than the plan: a subscription is billed in one currency. */
export function rejectOtherCurrencies(
  currency: Currency,
  addons: readonly Pick<AddonRow, 'code' | 'price'>[],
  path: string,
): void {
  const other = addons.find((addon) => addon.price.currency !== currency);
  if (!other) return;
  throw BadUserInputError.at(
    path,
    `addon "${other.code}" is priced in ${other.price.currency}, the plan in ${currency}`,
  );
}
