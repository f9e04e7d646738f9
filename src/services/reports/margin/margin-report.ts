import type { App } from '../../../context.js';
import { type AmountProblem, AmountTooLargeError } from '../../../core/money/amount-limit.js';
import type { FxRate, Reporting } from '../../../core/money/fx.js';
import type { Currency } from '../../../core/money/money.js';
import { type FxEffects, fxEffects } from '../../../core/reports/fx-effect.js';
import { type CogsTax, type MarginReport, marginReport, tenantsTooLarge } from '../../../core/reports/margin.js';
import { type Period, parsePeriod, previousPeriod } from '../../../core/time/period.js';
import { ratesOfMonth, readReporting } from '../reporting.js';
import { readBooks } from './read-books.js';

/** A month's margin, with what it was made of. */
export interface PeriodMargin extends MarginReport {
  readonly period: Period;
  readonly currency: Currency;
  readonly cogsTax: CogsTax;
  readonly fxRates: readonly FxRate[];
  /** Tenants that are left out. */
  readonly problems: readonly AmountProblem[];
}

const TOO_LARGE = new AmountTooLargeError('What the month of this tenant comes to').message;

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
  const without = report.problems.map((problem) => problem.tenantId);
  const previous = await reportAt(app, { reporting, period, rateOf: previousPeriod(period), cogsTax, without });
  if (previous.problems.length > without.length) {
    throw new AmountTooLargeError('The month of a tenant at the rate of the month before');
  }
  return { ...fxEffects(report, previous), fxRates: report.fxRates, previousFxRates: previous.fxRates };
}

interface MarginSelection {
  readonly reporting: Reporting;
  readonly period: Period;
  /** The month whose rates convert. */
  readonly rateOf: Period;
  readonly cogsTax: CogsTax;
  /** Tenants that are left out whatever they come to. */
  readonly without?: readonly (string | null)[];
}

async function reportAt(app: MarginApp, wanted: MarginSelection): Promise<PeriodMargin> {
  const { reporting, period, rateOf, cogsTax, without = [] } = wanted;
  const { currency } = reporting;
  const { fxRates, ...books } = await readBooks(app.reads.reports, period, ratesOfMonth(reporting, rateOf), without);
  const tooLarge = tenantsTooLarge(books);
  if (tooLarge.length > 0) return reportAt(app, { ...wanted, without: [...without, ...tooLarge] });
  const problems = without.map((tenantId) => ({ tenantId, deploymentId: null, message: TOO_LARGE }));
  return { period, currency, cogsTax, fxRates, problems, ...marginReport({ currency, cogsTax }, books) };
}
