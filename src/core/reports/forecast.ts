import type { DeploymentMonth, TenantMonth } from '../invoices/invoice.js';
import { requireExactCents } from '../money/amount-limit.js';
import { toDecimalText } from '../money/decimal-text.js';
import type { Reporting } from '../money/fx.js';
import { type Currency, roundToCents } from '../money/money.js';
import type { LlmCharges } from '../pricing/llm-usage-line.js';
import type { DayUsage } from '../pricing/overage-lines.js';
import { type Day, daysOf, type Period } from '../time/period.js';
import { type ReportedLine, reportedLines } from './reported-lines.js';
import { accruedDays, type DailyQuantity, dailyRunRate, projectMonth, remainingDays } from './run-rate.js';

/** A month's amount at its end, as seen from one day of it. */
export interface AmountForecast {
  /** Known in advance: plan base and addons, or the provider's fixed fees. */
  readonly fixedCents: number;
  /** What the complete days come to. */
  readonly meteredAccruedCents: number;
  readonly meteredCents: number;
  readonly totalCents: number;
}

/** The gateway's charges to a deployment on one day: `quantity` in major units. */
export interface DailyLlmCharge extends DailyQuantity {
  readonly requestCount: number;
  readonly currency: Currency;
}

/** What a deployment's daily figures say, the last days of the month before included. */
export interface DeploymentForecastInputs extends Omit<DeploymentMonth, 'llmCharges'> {
  readonly dailyLlmCharges: readonly DailyLlmCharge[];
  /** Late charges of earlier months that this month's invoice will carry. */
  readonly lateLlmCharges: readonly LlmCharges[];
}

/** A deployment's month before GST in the reporting currency: usage projected day by day, then priced by the engine, allowances and caps included. */
export function forecastDeployment(
  month: Pick<TenantMonth, 'period' | 'resourcePrices'>,
  { dailyLlmCharges, lateLlmCharges, usage, ...deployment }: DeploymentForecastInputs,
  asOf: Day,
  reporting: Reporting,
): AmountForecast {
  const { period } = month;
  const soFar = accruedDays(usage, period, asOf);
  const price = (priced: readonly DayUsage[], part: 'accrued' | 'total') => {
    const llmCharges = [...lateLlmCharges, ...projectLlmCharges(dailyLlmCharges, period, asOf, part)];
    return reportedLines(month, { ...deployment, usage: priced, llmCharges }, reporting);
  };
  const atMonthEnd = price([...soFar, ...projectUsage(usage, period, asOf)], 'total');
  const fixedCents = sumCents(atMonthEnd.filter(isFixed));
  const meteredCents = sumCents(atMonthEnd.filter((line) => !isFixed(line)));
  const accrued = price(soFar, 'accrued');
  return {
    fixedCents,
    meteredAccruedCents: sumCents(accrued.filter((line) => !isFixed(line))),
    meteredCents,
    totalCents: fixedCents + meteredCents,
  };
}

/** The provider's bill: fixed fees, and daily cost in cents that goes on as it went. */
export function forecastCost(
  { fixedCents, dailyCents }: { readonly fixedCents: number; readonly dailyCents: readonly DailyQuantity[] },
  period: Period,
  asOf: Day,
): AmountForecast {
  const { accrued, total } = projectMonth(dailyCents, period, asOf);
  const meteredCents = roundToCents(total);
  const meteredAccruedCents = roundToCents(accrued);
  return { fixedCents, meteredAccruedCents, meteredCents, totalCents: fixedCents + meteredCents };
}

/** Several amounts, as of all deployments, part by part. */
export function sumForecasts(forecasts: readonly AmountForecast[]): AmountForecast {
  const sum = (part: keyof AmountForecast) =>
    requireExactCents(
      forecasts.reduce((cents, one) => cents + one[part], 0),
      'A forecast',
    );
  return {
    fixedCents: sum('fixedCents'),
    meteredAccruedCents: sum('meteredAccruedCents'),
    meteredCents: sum('meteredCents'),
    totalCents: sum('totalCents'),
  };
}

/** What is left of revenue after COGS, part by part. */
export function marginForecast(revenue: AmountForecast, cogs: AmountForecast): AmountForecast {
  return {
    fixedCents: revenue.fixedCents - cogs.fixedCents,
    meteredAccruedCents: revenue.meteredAccruedCents - cogs.meteredAccruedCents,
    meteredCents: revenue.meteredCents - cogs.meteredCents,
    totalCents: revenue.totalCents - cogs.totalCents,
  };
}

/** Each remaining day of each kind as its run rate says; the day matters where resource prices change. */
function projectUsage(history: readonly DayUsage[], period: Period, asOf: Day): DayUsage[] {
  const kinds = new Set(history.map((one) => one.kind));
  const days = daysOf(remainingDays(period, asOf));
  return [...kinds].flatMap((kind) => {
    const ofKind = history.filter((one) => one.kind === kind);
    const quantity = toDecimalText(dailyRunRate(ofKind, asOf));
    return days.map((day) => ({ kind, day, quantity }));
  });
}

function projectLlmCharges(
  daily: readonly DailyLlmCharge[],
  period: Period,
  asOf: Day,
  part: 'accrued' | 'total',
): LlmCharges[] {
  const currencies = new Set(daily.map((one) => one.currency));
  return [...currencies].map((currency) => {
    const days = daily.filter((one) => one.currency === currency);
    const requestCount = accruedDays(days, period, asOf).reduce((sum, one) => sum + one.requestCount, 0);
    return { period, requestCount, charge: toDecimalText(projectMonth(days, period, asOf)[part]), currency };
  });
}

function isFixed({ kind }: ReportedLine): boolean {
  return kind === 'plan_base' || kind === 'addon';
}

function sumCents(lines: readonly ReportedLine[]): number {
  return requireExactCents(
    lines.reduce((sum, line) => sum + line.cents, 0),
    'The forecast of a deployment',
  );
}
