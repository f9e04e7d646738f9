import { DomainError } from '../../errors.js';
import type { Currency } from './money.js';

/** Amounts of several currencies where one sum is asked for: nothing is ever converted without a named rate. */
export class CurrencyMismatchError extends DomainError {
  override readonly name = 'CurrencyMismatchError';
  readonly code = 'CONFLICT';
  constructor(
    readonly what: string,
    readonly currencies: readonly Currency[],
  ) {
    super(`${what} mixes ${currencies.join(' and ')}; one sum needs one currency.`);
  }
  override get details() {
    return { currencies: this.currencies };
  }
}

/** The one currency of some amounts, null where there are none; `what` names them in the error. */
export function soleCurrency(what: string, currencies: Iterable<Currency>): Currency | null {
  const distinct = [...new Set(currencies)].sort();
  if (distinct.length > 1) throw new CurrencyMismatchError(what, distinct);
  return distinct[0] ?? null;
}
