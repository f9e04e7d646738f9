import { toDecimalText } from '../../../core/money/decimal-text.js';
import { type FxRate, type Reporting, rateOfMonth } from '../../../core/money/fx.js';
import { type Currency, Decimal, roundToCents } from '../../../core/money/money.js';
import { dailyCostOf, type MonthToDate, spread } from '../../../core/reports/daily-cost.js';
import type { CogsTax } from '../../../core/reports/margin.js';
import type { DailyQuantity } from '../../../core/reports/run-rate.js';
import {
  addDays,
  type Day,
  daysInMonth,
  nextPeriod,
  type Period,
  periodOf,
  previousPeriod,
} from '../../../core/time/period.js';
import type { Reads } from '../../../database/reads.js';
import type { ForecastPoint } from './read-forecast-inputs.js';

type Sql = Pick<Reads, 'query'>;

export const COGS_BASES = ['balance', 'last_invoice', 'none'] as const;
/** What the provider's cost so far is known from: its running total, or else the last bill that had come by then. */
export type CogsBasis = (typeof COGS_BASES)[number];

/** What `forecastCost` takes, in the reporting currency. */
export interface CostForecastInputs {
  readonly fixedCents: number;
  readonly dailyCents: readonly DailyQuantity[];
  readonly basis: CogsBasis;
  readonly fxRates: readonly FxRate[];
}

/** The last bill that had come, in the provider's currency; credits are no cost that comes again, and left out. */
interface LastBill {
  readonly period: Period;
  readonly currency: Currency;
  readonly meteredCents: number;
  /** Account-level fees. */
  readonly fixedCents: number;
  readonly taxCents: number;
}

/**
 * The running total is before tax and holds the fixed fees, which are taken out of it evenly; so what is fixed and what is
 * metered never changes the sum. Tax comes on top in the share that it had of the last bill.
 */
export async function readCostForecastInputs(
  sql: Sql,
  reporting: Reporting,
  point: ForecastPoint,
  cogsTax: CogsTax,
): Promise<CostForecastInputs> {
  const [totals, bill] = await Promise.all([readTotals(sql, point), readLastBill(sql, point)]);
  const currency = totals[0]?.currency ?? bill?.currency;
  if (currency === undefined) return { fixedCents: 0, dailyCents: [], basis: 'none', fxRates: [] };
  const { period } = point;
  const fxRates =
    currency === reporting.currency
      ? []
      : [rateOfMonth(reporting.rates, { base: currency, quote: reporting.currency }, period)];
  const factor = taxFactor(bill, cogsTax).times(fxRates[0]?.rate ?? 1);
  const own = totals.filter((total) => periodOf(total.day) === period);
  const before = totals.filter((total) => periodOf(total.day) < period);
  const dailyCents = [
    ...monthOf(previousPeriod(period), before, bill, period),
    ...monthOf(period, own, bill, point.asOf),
  ].map(({ day, quantity }) => {
    return { day, quantity: toDecimalText(factor.times(quantity).toDecimalPlaces(12, Decimal.ROUND_HALF_UP)) };
  });
  const fixedCents = roundToCents(factor.times(bill?.fixedCents ?? 0));
  return { fixedCents, dailyCents, basis: own.length > 0 ? 'balance' : bill ? 'last_invoice' : 'none', fxRates };
}

/** Metered cost by day: of the running totals, else as the last bill's days went. */
function monthOf(period: Period, totals: readonly MonthToDate[], bill: LastBill | null, until: Day): DailyQuantity[] {
  if (totals.length === 0) {
    return bill ? typicalDays({ from: period, until }, bill.meteredCents, daysInMonth(bill.period)) : [];
  }
  const fixed = new Decimal(bill?.fixedCents ?? 0).div(daysInMonth(period));
  return dailyCostOf(period, totals).map(({ day, quantity }) => {
    return { day, quantity: toDecimalText(new Decimal(quantity).minus(fixed)) };
  });
}

/** As many days as asked for, each as one of a month that came to `cents`. */
function typicalDays(range: { from: Day; until: Day }, cents: number, days: number): DailyQuantity[] {
  const each = toDecimalText(new Decimal(cents).div(days));
  return spread(range, 0).map(({ day }) => ({ day, quantity: each }));
}

function taxFactor(bill: LastBill | null, cogsTax: CogsTax): Decimal {
  const net = bill ? bill.meteredCents + bill.fixedCents : 0;
  return bill && net > 0 && cogsTax === 'included' ? new Decimal(bill.taxCents).div(net).plus(1) : new Decimal(1);
}

type Total = MonthToDate & { readonly currency: Currency };

/** The last running total of each day of the month and the one before, as far as they were known. */
async function readTotals(sql: Sql, { period, asOf }: ForecastPoint): Promise<Total[]> {
  const rows = await sql.query<{ day: Day; currency: Currency; cents: string }>(
    `select distinct on (day) day::text, currency, cents::text from (
       select (taken_at at time zone 'UTC')::date as day, taken_at, currency, month_to_date_usage_cents as cents
       from cloud_balance_snapshots where taken_at >= $1::date::timestamp at time zone 'UTC'
         and taken_at < least($2::date + 1, $3::date)::timestamp at time zone 'UTC'
     ) snapshot order by day, taken_at desc`,
    [previousPeriod(period), asOf, nextPeriod(period)],
  );
  return rows.map((row) => ({ ...row, cents: Number(row.cents) }));
}

async function readLastBill(sql: Sql, { period, asOf }: ForecastPoint): Promise<LastBill | null> {
  const [row] = await sql.query<
    Record<'meteredCents' | 'fixedCents' | 'taxCents', string> & Pick<LastBill, 'period' | 'currency'>
  >(
    `select line.period::text, line.currency,
       coalesce(sum(line.amount_cents) filter (where line.match_status not in ('tax', 'account_level')), 0)::text as "meteredCents",
       coalesce(sum(line.amount_cents) filter (where line.match_status = 'account_level' and line.amount_cents > 0), 0)::text as "fixedCents",
       coalesce(sum(line.amount_cents) filter (where line.match_status = 'tax'), 0)::text as "taxCents"
     from live_cost_lines line where line.period = (
       select max(invoice.period) from cloud_invoices invoice where invoice.period < $1::date and invoice.live_ingest_id is not null
         and invoice.issued_at < $2::date::timestamp at time zone 'UTC')
     group by line.period, line.currency order by line.currency limit 1`,
    [period, addDays(asOf, 1)],
  );
  if (!row) return null;
  const { meteredCents, fixedCents, taxCents, ...month } = row;
  return { ...month, meteredCents: Number(meteredCents), fixedCents: Number(fixedCents), taxCents: Number(taxCents) };
}
