import type { FxRate } from '../../core/fx.js';
import type { CostRow, RevenueRow } from '../../core/margin.js';
import type { Currency } from '../../core/money.js';
import type { Period } from '../../core/period.js';
import { Parameters, type Reads } from '../../database/reads.js';
import { centsSql, type MonthRates, ratesUsed } from './reporting.js';

type Sql = Pick<Reads, 'query'>;

/** A month's revenue and costs in one currency. */
export interface Books {
  readonly revenue: readonly RevenueRow[];
  readonly costs: readonly CostRow[];
  /** Those that converted something. */
  readonly fxRates: readonly FxRate[];
}

/** Every counting invoice line and every live cost line of the month, summed by what a report tells apart. */
export async function readBooks(sql: Sql, period: Period, rates: MonthRates): Promise<Books> {
  const [revenue, costs] = await Promise.all([selectRevenue(sql, period, rates), selectCosts(sql, period, rates)]);
  const currencies = [...revenue, ...costs].map((row) => row.currency);
  return { revenue: revenue.map(withCents), costs: costs.map(withCents), fxRates: ratesUsed(rates, currencies) };
}

/** The costs alone. */
export async function readCosts(
  sql: Sql,
  period: Period,
  rates: MonthRates,
): Promise<Pick<Books, 'costs' | 'fxRates'>> {
  const costs = await selectCosts(sql, period, rates);
  const fxRates = ratesUsed(
    rates,
    costs.map((row) => row.currency),
  );
  return { costs: costs.map(withCents), fxRates };
}

/** Cents come as text, because a sum of bigints is a numeric; null where a rate is missing, which `ratesUsed` names. */
type Summed<Row> = Omit<Row, 'cents'> & { readonly cents: string | null; readonly currency: Currency };

function withCents<Row extends { readonly cents: string | null; readonly currency: Currency }>(row: Row) {
  const { currency: _, ...rest } = row;
  return { ...rest, cents: Number(row.cents) };
}

/** Before GST; drafts count, void invoices do not. */
async function selectRevenue(sql: Sql, period: Period, rates: MonthRates): Promise<Summed<RevenueRow>[]> {
  const parameters = new Parameters();
  const month = parameters.add(period);
  const cents = centsSql(rates, { cents: 'line.amount_cents', currency: 'line.currency' }, parameters);
  return sql.query<Summed<RevenueRow>>(
    `select invoice.tenant_id as "tenantId", line.deployment_id as "deploymentId", line.kind, line.billing_kind as "billingKind",
       line.currency, sum(${cents})::text as cents
     from invoices invoice join invoice_lines line on line.invoice_id = invoice.id
     where invoice.period = ${month}::date and invoice.status <> 'void' and line.kind <> 'tax'
     group by invoice.tenant_id, line.deployment_id, line.kind, line.billing_kind, line.currency`,
    parameters.values,
  );
}

/** Whose a line is: its resource's deployment's tenant, else its resource's, else nobody's. Summed by resource first. */
async function selectCosts(sql: Sql, period: Period, rates: MonthRates): Promise<Summed<CostRow>[]> {
  const parameters = new Parameters();
  const month = parameters.add(period);
  const cents = centsSql(rates, { cents: 'line.amount_cents', currency: 'line.currency' }, parameters);
  return sql.query<Summed<CostRow>>(
    `with costs as (
       select line.resource_id, line.kind, line.match_status = 'tax' as is_tax, line.currency, sum(${cents}) as cents
       from live_cost_lines line where line.period = ${month}::date group by 1, 2, 3, 4
     )
     select coalesce(deployment.tenant_id, resource.tenant_id) as "tenantId", resource.deployment_id as "deploymentId", costs.kind,
       costs.is_tax as "isTax", costs.currency, sum(costs.cents)::text as cents
     from costs left join cloud_resources resource on resource.id = costs.resource_id
     left join deployments deployment on deployment.id = resource.deployment_id
     group by 1, 2, 3, 4, 5`,
    parameters.values,
  );
}
