import type { App } from '../../../context.js';
import type { AmountProblem } from '../../../core/money/amount-limit.js';
import { type FxRate, MissingFxRateError, type Reporting } from '../../../core/money/fx.js';
import type { Currency } from '../../../core/money/money.js';
import type { ResourcePrice } from '../../../core/pricing/plan.js';
import {
  type AmountForecast,
  forecastCost,
  forecastDeployment,
  marginForecast,
  sumForecasts,
} from '../../../core/reports/forecast.js';
import { type ForecastAccuracy, forecastAccuracy, type PastForecast } from '../../../core/reports/forecast-error.js';
import { type CogsTax, marginReport } from '../../../core/reports/margin.js';
import { isTenantProblem } from '../../../core/reports/tenant-problem.js';
import {
  addDays,
  type Day,
  dayOf,
  daysBetween,
  earlierDay,
  lastDayOf,
  type Period,
  periodOf,
  previousPeriod,
} from '../../../core/time/period.js';
import { listResourcePrices } from '../../catalog/list-catalog.js';
import { readBooks } from '../margin/read-books.js';
import { listTenantIds } from '../read-tenant-months.js';
import { ratesOfMonth, readReporting } from '../reporting.js';
import { type CogsBasis, readCostForecastInputs } from './read-cost-forecast-inputs.js';
import { type ForecastPoint, readForecastInputs } from './read-forecast-inputs.js';

/** The month at its end, as seen today. */
export interface MarginForecast extends MonthForecast {
  readonly currency: Currency;
  readonly cogsTax: CogsTax;
}

interface MonthForecast {
  readonly period: Period;
  /** The first day that is not complete. */
  readonly asOf: Day;
  readonly revenue: AmountForecast;
  readonly cogs: AmountForecast;
  readonly margin: AmountForecast;
  /** Sums to `revenue`. */
  readonly byDeployment: readonly { readonly deploymentId: string; readonly revenue: AmountForecast }[];
  readonly cogsBasis: CogsBasis;
  readonly fxRates: readonly FxRate[];
  /** Deployments that are left out. */
  readonly problems: readonly AmountProblem[];
}

type ForecastApp = Pick<App, 'reads' | 'clock' | 'config'>;

/** What the present month will come to, from what its complete days have. */
export async function forecastMargin(app: ForecastApp, cogsTax: CogsTax): Promise<MarginForecast> {
  const asOf = dayOf(app.clock());
  const basis = await readBasis(app, cogsTax);
  const forecast = await forecastMonth(app, basis, { period: periodOf(asOf), asOf, isPast: false });
  return { ...forecast, currency: basis.reporting.currency, cogsTax };
}

export interface MarginAccuracy {
  readonly revenue: ForecastAccuracy;
  readonly cogs: ForecastAccuracy;
  readonly margin: ForecastAccuracy;
}

/** Months back that the method is held against. */
const PAST_MONTHS = 6;

/**
 * What the method would have said on the same day of past months, with what was known then, beside what they came to. A
 * month counts where its books have that side and the method had something to go by; one without a rate cannot be compared.
 */
export async function measureForecast(app: ForecastApp, { asOf, cogsTax }: MarginForecast): Promise<MarginAccuracy> {
  const basis = await readBasis(app, cogsTax);
  const daysIn = daysBetween(periodOf(asOf), asOf);
  const past: Record<keyof MarginAccuracy, PastForecast[]> = { revenue: [], cogs: [], margin: [] };
  let period = periodOf(asOf);
  for (let back = 0; back < PAST_MONTHS; back++) {
    period = previousPeriod(period);
    const actual = await readActual(app, basis, period);
    if (!actual) continue;
    const seen = { period, asOf: earlierDay(addDays(period, daysIn), lastDayOf(period)), isPast: true };
    const said = await forecastMonth(app, basis, seen);
    for (const side of ['revenue', 'cogs', 'margin'] as const) {
      const actualCents = side === 'revenue' || said.cogsBasis !== 'none' ? actual[side] : null;
      if (actualCents !== null) past[side].push({ period, forecastCents: said[side].totalCents, actualCents });
    }
  }
  return {
    revenue: forecastAccuracy(past.revenue),
    cogs: forecastAccuracy(past.cogs),
    margin: forecastAccuracy(past.margin),
  };
}

interface Basis {
  readonly reporting: Reporting;
  readonly resourcePrices: readonly ResourcePrice[];
  readonly tenantIds: readonly string[];
  readonly cogsTax: CogsTax;
}

async function readBasis(app: ForecastApp, cogsTax: CogsTax): Promise<Basis> {
  const [reporting, resourcePrices, tenantIds] = await Promise.all([
    readReporting(app),
    listResourcePrices(app.reads.reports, null),
    listTenantIds(app.reads.reports),
  ]);
  return { reporting, resourcePrices, tenantIds, cogsTax };
}

async function forecastMonth(app: ForecastApp, basis: Basis, seen: ForecastPoint): Promise<MonthForecast> {
  const { reporting, resourcePrices, tenantIds, cogsTax } = basis;
  const { period, asOf } = seen;
  const byDeployment: { deploymentId: string; revenue: AmountForecast }[] = [];
  const leftOut: Omit<AmountProblem, 'tenantId'>[] = [];
  let sum: AmountForecast = sumForecasts([]);
  for await (const inputs of readForecastInputs(app.reads.reports, seen, tenantIds, resourcePrices)) {
    const { deploymentId } = inputs;
    try {
      const revenue = forecastDeployment({ period, resourcePrices }, inputs, asOf, reporting);
      sum = sumForecasts([sum, revenue]);
      if (revenue.totalCents !== 0) byDeployment.push({ deploymentId, revenue });
    } catch (error) {
      if (!isTenantProblem(error)) throw error;
      leftOut.push({ deploymentId, message: error.message });
    }
  }
  const problems = await namedProblems(app, leftOut);
  const {
    basis: cogsBasis,
    fxRates,
    ...inputs
  } = await readCostForecastInputs(app.reads.reports, reporting, seen, cogsTax);
  const cogs = forecastCost(inputs, period, asOf);
  return {
    period,
    asOf,
    revenue: sum,
    cogs,
    margin: marginForecast(sum, cogs),
    byDeployment,
    cogsBasis,
    fxRates,
    problems,
  };
}

/** The same with the tenants of their deployments. */
async function namedProblems(
  app: Pick<App, 'reads'>,
  problems: readonly Omit<AmountProblem, 'tenantId'>[],
): Promise<AmountProblem[]> {
  if (problems.length === 0) return [];
  const rows = await app.reads.reports.query<{ id: string; tenantId: string }>(
    'select id, tenant_id as "tenantId" from deployments where id = any($1::uuid[])',
    [problems.map(({ deploymentId }) => deploymentId)],
  );
  const tenantOf = new Map(rows.map(({ id, tenantId }) => [id, tenantId]));
  return problems.map((problem) => ({ ...problem, tenantId: tenantOf.get(problem.deploymentId ?? '') ?? null }));
}

/** Null for a side without books; null for a month without any, without a rate, or beyond what an amount can be. */
async function readActual(
  app: ForecastApp,
  { reporting, cogsTax }: Basis,
  period: Period,
): Promise<Record<keyof MarginAccuracy, number | null> | null> {
  try {
    const books = await readBooks(app.reads.reports, period, ratesOfMonth(reporting, period));
    const { revenue, costs } = books;
    if (revenue.length === 0 && costs.length === 0) return null;
    const { overall } = marginReport({ currency: reporting.currency, cogsTax }, books);
    return {
      revenue: revenue.length > 0 ? overall.revenue.cents : null,
      cogs: costs.length > 0 ? overall.cogs.cents : null,
      margin: revenue.length > 0 && costs.length > 0 ? overall.margin.cents : null,
    };
  } catch (error) {
    if (error instanceof MissingFxRateError || isTenantProblem(error)) return null;
    throw error;
  }
}
