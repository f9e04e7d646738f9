import type { BillingKind } from './billing-kind.js';
import type { InvoiceStatus } from './invoice.js';
import { type Currency, Decimal, type Money } from './money.js';
import type { LineKind } from './priced-line.js';
import type { ResourceKind } from './resource-kind.js';

export const COGS_TAX = ['included', 'excluded'] as const;
/** Whether the tax within the provider's bill counts as cost. */
export type CogsTax = (typeof COGS_TAX)[number];

export interface Margin {
  readonly revenue: Money;
  readonly cogs: Money;
  /** Part of `cogs` where that includes tax. */
  readonly cogsTax: Money;
  readonly margin: Money;
  /** margin ÷ revenue × 100, to one decimal; null where there is no revenue. */
  readonly marginPercent: number | null;
}

/** Invoice lines of one month in the reporting currency: one, or several of the same keys summed. */
export interface RevenueRow {
  readonly tenantId: string;
  readonly deploymentId: string | null;
  readonly kind: LineKind;
  readonly billingKind: BillingKind | null;
  readonly cents: number;
}

/** Cost lines of one month, each converted into the reporting currency: one, or several of the same keys summed. */
export interface CostRow {
  /** The tenant of the resource's deployment, else of the resource, else nobody's: null. */
  readonly tenantId: string | null;
  readonly deploymentId: string | null;
  readonly kind: ResourceKind | null;
  readonly isTax: boolean;
  readonly cents: number;
}

export interface MarginReport {
  readonly overall: Margin;
  /** By tenant id; nobody's last. Sums to `overall`. */
  readonly byTenant: readonly { readonly tenantId: string | null; readonly margin: Margin }[];
  /** What belongs to no deployment stands in `byTenant` alone. */
  readonly byDeployment: readonly { readonly deploymentId: string; readonly margin: Margin }[];
  readonly revenueByKind: readonly {
    readonly kind: LineKind;
    readonly billingKind: BillingKind | null;
    readonly revenue: Money;
  }[];
  readonly cogsByKind: readonly { readonly kind: ResourceKind | null; readonly cogs: Money }[];
}

/** Drafts are revenue that is about to be asked for; a void invoice is none. */
export function countsAsRevenue(status: InvoiceStatus): boolean {
  return status !== 'void';
}

/** Revenue is before GST: tax lines of invoices are left out. */
export function marginReport(
  terms: { readonly currency: Currency; readonly cogsTax: CogsTax },
  revenueRows: readonly RevenueRow[],
  costRows: readonly CostRow[],
): MarginReport {
  const revenue = revenueRows.filter((row) => row.kind !== 'tax');
  const counted = costRows.filter((row) => !row.isTax || terms.cogsTax === 'included');
  const money = (cents: number): Money => ({ cents, currency: terms.currency });
  const marginBy = <K extends string | null>(keyOf: (row: RevenueRow | CostRow) => K) => {
    const revenues = sumBy(revenue, keyOf);
    const costs = sumBy(counted, keyOf);
    const taxes = sumBy(
      costRows.filter((row) => row.isTax),
      keyOf,
    );
    const keys = [...new Set([...revenues.keys(), ...costs.keys(), ...taxes.keys()])].sort(nullLast);
    return keys.map((key) => {
      const sums = { revenue: revenues.get(key) ?? 0, cogs: costs.get(key) ?? 0, cogsTax: taxes.get(key) ?? 0 };
      return { key, margin: marginOf(terms.currency, sums) };
    });
  };
  return {
    overall: marginOf(terms.currency, {
      revenue: sumCents(revenue),
      cogs: sumCents(counted),
      cogsTax: sumCents(costRows.filter((row) => row.isTax)),
    }),
    byTenant: marginBy((row) => row.tenantId).map(({ key, margin }) => ({ tenantId: key, margin })),
    byDeployment: marginBy((row) => row.deploymentId).flatMap(({ key, margin }) =>
      key === null ? [] : [{ deploymentId: key, margin }],
    ),
    revenueByKind: revenueByKind(revenue).map(({ cents, ...kinds }) => ({ ...kinds, revenue: money(cents) })),
    cogsByKind: [...sumBy(counted, (row) => row.kind)]
      .sort(([a], [b]) => nullLast(a, b))
      .map(([kind, cents]) => ({ kind, cogs: money(cents) })),
  };
}

/** One margin from its sums, in cents of one currency. */
export function marginOf(
  currency: Currency,
  { revenue, cogs, cogsTax }: { readonly revenue: number; readonly cogs: number; readonly cogsTax: number },
): Margin {
  const margin = revenue - cogs;
  const percent = revenue === 0 ? null : new Decimal(margin).div(revenue).times(100);
  return {
    revenue: { cents: revenue, currency },
    cogs: { cents: cogs, currency },
    cogsTax: { cents: cogsTax, currency },
    margin: { cents: margin, currency },
    // A ratio for display, not money. Adding 0 makes -0 zero.
    marginPercent: percent && percent.toDecimalPlaces(1, Decimal.ROUND_HALF_UP).toNumber() + 0,
  };
}

function revenueByKind(rows: readonly RevenueRow[]): Pick<RevenueRow, 'kind' | 'billingKind' | 'cents'>[] {
  const sums = new Map<string, Pick<RevenueRow, 'kind' | 'billingKind' | 'cents'>>();
  for (const { kind, billingKind, cents } of rows) {
    const key = `${kind} ${billingKind ?? ''}`;
    sums.set(key, { kind, billingKind, cents: cents + (sums.get(key)?.cents ?? 0) });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

function sumCents(rows: readonly { readonly cents: number }[]): number {
  const cents = rows.reduce((sum, row) => sum + row.cents, 0);
  if (!Number.isSafeInteger(cents)) throw new RangeError(`${cents} cents is beyond exact integers`);
  return cents;
}

function sumBy<Row extends { readonly cents: number }, K>(
  rows: readonly Row[],
  keyOf: (row: Row) => K,
): Map<K, number> {
  const sums = new Map<K, number>();
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.cents);
  return sums;
}

function nullLast(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
