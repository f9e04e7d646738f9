import type { App } from '../../context.js';
import { type FxRate, findRate, MissingFxRateError, type Reporting } from '../../core/money/fx.js';
import { CURRENCIES, type Currency } from '../../core/money/money.js';
import { type Day, lastDayOf, type Period } from '../../core/time/period.js';
import type { Parameters } from '../../database/reads.js';
import { listFxRates } from './fx/fx-rates.js';

/** The currency that reports are in, and every rate that there is. */
export async function readReporting(app: Pick<App, 'reads' | 'config'>): Promise<Reporting> {
  return { currency: app.config.reportingCurrency, rates: await listFxRates(app.reads.reports) };
}

/** How a month's amounts become those of the reporting currency. */
export interface MonthRates {
  readonly currency: Currency;
  /** The day whose rates these are. */
  readonly day: Day;
  /** At most one for each other currency. */
  readonly rates: readonly FxRate[];
}

/** A month is converted at the rates of its last day, its own or (for comparison) another month's. */
export function ratesOfMonth({ currency, rates }: Reporting, period: Period): MonthRates {
  const day = lastDayOf(period);
  const found = CURRENCIES.map((base) => (base === currency ? null : findRate(rates, { base, quote: currency }, day)));
  return { currency, day, rates: found.filter((rate) => rate !== null) };
}

/** An amount column in the reporting currency, each row rounded by itself; null where the rate is missing. */
export function centsSql(
  { currency, rates }: MonthRates,
  { cents, currency: ofRow }: { readonly cents: string; readonly currency: string },
  parameters: Parameters,
): string {
  const own = `when '${currency}' then ${cents}`;
  const others = rates.map((rate) => {
    return `when '${rate.base}' then round(${cents} * ${parameters.add(rate.rate)}::numeric)::bigint`;
  });
  return `case ${[ofRow, own, ...others].join(' ')} end`;
}

/** The rates that rows in these currencies were converted by. Throws MissingFxRateError for one that there is not. */
export function ratesUsed({ currency, day, rates }: MonthRates, currencies: Iterable<Currency>): FxRate[] {
  const foreign = [...new Set(currencies)].filter((one) => one !== currency).sort();
  return foreign.map((base) => {
    const rate = rates.find((one) => one.base === base);
    if (!rate) throw new MissingFxRateError({ base, quote: currency }, day);
    return rate;
  });
}
