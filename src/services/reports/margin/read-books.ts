import type { FxRate } from '../../../core/money/fx.js';
import type { Currency } from '../../../core/money/money.js';
import type { Books, CostOfKind, OwnedCost, OwnedRevenue, RevenueOfKind } from '../../../core/reports/margin.js';
import type { Period } from '../../../core/time/period.js';
import { Parameters, type Reads } from '../../../database/reads.js';
import { centsSql, type MonthRates, ratesUsed } from '../reporting.js';

type Sql = Pick<Reads, 'query'>;

/** A month's books in one currency. */
export interface ConvertedBooks extends Books {
  /** Those that converted something. */
  readonly fxRates: readonly FxRate[];
}

/** Every counting invoice line and every live cost line of the month, summed by owner and by kind; those of some tenants left out. */
export async function readBooks(
  sql: Sql,
  period: Period,
  rates: MonthRates,
  without: readonly (string | null)[] = [],
): Promise<ConvertedBooks> {
  const [revenue, costs] = await Promise.all([
    readRevenue(sql, period, rates, without),
    readCosts(sql, period, rates, without),
  ]);
  return {
    revenue: revenue.owned,
    revenueOfKinds: revenue.ofKinds,
    costs: costs.owned,
    costsOfKinds: costs.ofKinds,
    fxRates: [...new Set([...revenue.fxRates, ...costs.fxRates])],
  };
}

/** One side of the books. */
interface Side<OwnedRow, KindRow> {
  readonly owned: readonly OwnedRow[];
  readonly ofKinds: readonly KindRow[];
  readonly fxRates: readonly FxRate[];
}

/** Before GST; drafts count, void invoices do not. */
async function readRevenue(
  sql: Sql,
  period: Period,
  rates: MonthRates,
  without: readonly (string | null)[],
): Promise<Side<OwnedRevenue, RevenueOfKind>> {
  const parameters = new Parameters();
  const month = parameters.add(period);
  const cents = centsSql(rates, { cents: 'line.amount_cents', currency: 'line.currency' }, parameters);
  const rows = await sql.query<SetRow & OwnedRevenue & RevenueOfKind>(
    `select grouping(line.kind) = 1 as "isOwned", invoice.tenant_id as "tenantId", line.deployment_id as "deploymentId", line.kind,
       line.billing_kind as "billingKind", line.currency, sum(${cents})::text as cents
     from invoices invoice join invoice_lines line on line.invoice_id = invoice.id
     where invoice.period = ${month}::date and invoice.status <> 'void' and line.kind <> 'tax' ${leftOut(without, 'invoice.tenant_id', parameters)}
     group by line.currency, grouping sets ((invoice.tenant_id, line.deployment_id), (line.kind, line.billing_kind))`,
    parameters.values,
  );
  return sideOf(rates, rows);
}

/** Whose a line is: its resource's deployment's tenant, else its resource's, else nobody's. */
export async function readCosts(
  sql: Sql,
  period: Period,
  rates: MonthRates,
  without: readonly (string | null)[] = [],
): Promise<Side<OwnedCost, CostOfKind>> {
  const parameters = new Parameters();
  const month = parameters.add(period);
  const cents = centsSql(rates, { cents: 'line.amount_cents', currency: 'line.currency' }, parameters);
  const rows = await sql.query<SetRow & OwnedCost & CostOfKind>(
    `with cost as (
       select resource.deployment_id, resource.tenant_id, line.kind, line.match_status = 'tax' as is_tax, line.currency,
         sum(${cents}) as cents
       from live_cost_lines line left join cloud_resources resource on resource.id = line.resource_id
       where line.period = ${month}::date group by 1, 2, 3, 4, 5
     )
     select grouping(cost.kind) = 1 as "isOwned", coalesce(deployment.tenant_id, cost.tenant_id) as "tenantId",
       cost.deployment_id as "deploymentId", cost.kind, cost.is_tax as "isTax", cost.currency, sum(cost.cents)::text as cents
     from cost left join deployments deployment on deployment.id = cost.deployment_id
     where true ${leftOut(without, 'coalesce(deployment.tenant_id, cost.tenant_id)', parameters)}
     group by cost.currency, cost.is_tax,
       grouping sets ((coalesce(deployment.tenant_id, cost.tenant_id), cost.deployment_id), (cost.kind))`,
    parameters.values,
  );
  return sideOf(rates, rows);
}

/** A condition on the rows' tenant; null is nobody's. */
function leftOut(tenantIds: readonly (string | null)[], column: string, parameters: Parameters): string {
  if (tenantIds.length === 0) return '';
  const named = parameters.add(tenantIds.filter((id) => id !== null));
  const others = `${column} <> all(${named}::text[])`;
  return tenantIds.includes(null) ? `and ${column} is not null and ${others}` : `and (${column} is null or ${others})`;
}

/** A row of either set. Cents are null where a rate is missing, which `ratesUsed` names, and text, for a sum of bigints is a numeric. */
interface SetRow {
  readonly isOwned: boolean;
  readonly currency: Currency;
  readonly cents: never;
}

function sideOf<Row extends SetRow>(rates: MonthRates, rows: readonly Row[]) {
  const fxRates = ratesUsed(
    rates,
    rows.map((row) => row.currency),
  );
  const withCents = (row: Row) => ({ ...row, cents: Number(row.cents) });
  return {
    fxRates,
    owned: rows.filter((row) => row.isOwned).map(withCents),
    ofKinds: rows.filter((row) => !row.isOwned).map(withCents),
  };
}
