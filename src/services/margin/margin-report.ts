import type { App } from '../../context.js';
import type { FxRate, Reporting } from '../../core/fx.js';
import { type FxEffects, fxEffects } from '../../core/fx-effect.js';
import { type CogsTax, type MarginReport, marginReport } from '../../core/margin.js';
import type { Currency } from '../../core/money.js';
import { type Period, parsePeriod, previousPeriod } from '../../core/period.js';
import { readBooks } from './read-books.js';
import { ratesOfMonth, readReporting } from './reporting.js';

/** A month's margin, with what it was made of. */
export interface PeriodMargin extends MarginReport {
  readonly period: Period;
  readonly currency: Currency;
  readonly cogsTax: CogsTax;
  readonly fxRates: readonly FxRate[];
}

type MarginApp = Pick<App, 'reads' | 'config'>;

/** Revenue against COGS of a month. Throws MissingFxRateError, which names pair and day. */
export async function reportMargin(app: MarginApp, period: string, cogsTax: CogsTax): Promise<PeriodMargin> {
  const month = parsePeriod(period);
  const reporting = await readReporting(app);
  return reportAt(app, { reporting, period: month, rateOf: month, cogsTax });
}

export interface PeriodFxEffects extends FxEffects {
  readonly fxRates: readonly FxRate[];
  readonly previousFxRates: readonly FxRate[];
}

/** The same books once more, at the rates of the month before. Throws MissingFxRateError for one of those, too. */
export async function reportFxEffects(app: MarginApp, report: PeriodMargin): Promise<PeriodFxEffects> {
  const { period, cogsTax } = report;
  const reporting = await readReporting(app);
  const previous = await reportAt(app, { reporting, period, rateOf: previousPeriod(period), cogsTax });
  return { ...fxEffects(report, previous), fxRates: report.fxRates, previousFxRates: previous.fxRates };
}

interface Wanted {
  readonly reporting: Reporting;
  readonly period: Period;
  /** The month whose rates convert. */
  readonly rateOf: Period;
  readonly cogsTax: CogsTax;
}

async function reportAt(app: MarginApp, { reporting, period, rateOf, cogsTax }: Wanted): Promise<PeriodMargin> {
  const { currency } = reporting;
  const { fxRates, ...books } = await readBooks(app.reads.reports, period, ratesOfMonth(reporting, rateOf));
  return { period, currency, cogsTax, fxRates, ...marginReport({ currency, cogsTax }, books) };
}
