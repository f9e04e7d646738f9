import type { ResourceKind } from '../inventory/resource-kind.js';
import type { InvoiceStatus } from '../invoices/invoice.js';
import type { BillingKind } from '../metering/billing-kind.js';
import { requireExactCents } from '../money/amount-limit.js';
import { type Currency, Decimal, type Money } from '../money/money.js';
import type { LineKind } from '../pricing/priced-line.js';

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

/** Whose an amount is; the tenant of a resource is its deployment's, else its own, else nobody's: null. */
interface Owned {
  readonly tenantId: string | null;
  readonly deploymentId: string | null;
}

/** Invoice lines of one month before GST, in the reporting currency: one, or several of the same owner summed. */
export interface OwnedRevenue extends Owned {
  readonly cents: number;
}

/** The same lines by what they bill. */
export interface RevenueOfKind {
  readonly kind: LineKind;
  readonly billingKind: BillingKind | null;
  readonly cents: number;
}

/** Cost lines of one month, each converted into the reporting currency: one, or several of the same owner summed. */
export interface OwnedCost extends Owned {
  readonly isTax: boolean;
  readonly cents: number;
}

/** The same lines by what they bill. */
export interface CostOfKind {
  readonly kind: ResourceKind | null;
  readonly isTax: boolean;
  readonly cents: number;
}

/** A month's revenue and costs: the same lines, summed by owner and by kind. */
export interface Books {
  readonly revenue: readonly OwnedRevenue[];
  readonly revenueOfKinds: readonly RevenueOfKind[];
  readonly costs: readonly OwnedCost[];
  readonly costsOfKinds: readonly CostOfKind[];
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

/**
 * Tenants whose month is more than an amount can be, by themselves or (the dearest first) together with all others; null is what
 * belongs to nobody. Without them the report holds.
 */
export function tenantsTooLarge({ revenue, costs }: Pick<Books, 'revenue' | 'costs'>): (string | null)[] {
  const sizes = new Map<string | null, bigint>();
  for (const { tenantId, cents } of [...revenue, ...costs]) {
    sizes.set(tenantId, (sizes.get(tenantId) ?? 0n) + BigInt(Math.abs(cents)));
  }
  let total = 0n;
  const inOrder = [...sizes].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
  return inOrder.flatMap(([tenantId, size]) => {
    if (total + size > BigInt(Number.MAX_SAFE_INTEGER)) return [tenantId];
    total += size;
    return [];
  });
}

export function marginReport(
  terms: { readonly currency: Currency; readonly cogsTax: CogsTax },
  books: Books,
): MarginReport {
  const counts = (row: { readonly isTax: boolean }) => !row.isTax || terms.cogsTax === 'included';
  const sides = {
    revenue: books.revenue,
    cogs: books.costs.filter(counts),
    cogsTax: books.costs.filter((row) => row.isTax),
  };
  const money = (cents: number): Money => ({ cents, currency: terms.currency });
  const marginBy = (keyOf: (row: Owned) => string | null) => {
    const revenues = sumBy(sides.revenue, keyOf);
    const costs = sumBy(sides.cogs, keyOf);
    const taxes = sumBy(sides.cogsTax, keyOf);
    const keys = [...new Set([...revenues.keys(), ...costs.keys(), ...taxes.keys()])].sort(nullLast);
    return keys.map((key) => {
      const sums = { revenue: revenues.get(key) ?? 0, cogs: costs.get(key) ?? 0, cogsTax: taxes.get(key) ?? 0 };
      return { key, margin: marginOf(terms.currency, sums) };
    });
  };
  return {
    overall: marginOf(terms.currency, {
      revenue: sumCents(sides.revenue),
      cogs: sumCents(sides.cogs),
      cogsTax: sumCents(sides.cogsTax),
    }),
    byTenant: marginBy((row) => row.tenantId).map(({ key, margin }) => ({ tenantId: key, margin })),
    byDeployment: marginBy((row) => row.deploymentId).flatMap(({ key, margin }) =>
      key === null ? [] : [{ deploymentId: key, margin }],
    ),
    revenueByKind: revenueByKind(books.revenueOfKinds).map(({ cents, ...kinds }) => ({
      ...kinds,
      revenue: money(cents),
    })),
    cogsByKind: [...sumBy(books.costsOfKinds.filter(counts), (row) => row.kind)]
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

function revenueByKind(rows: readonly RevenueOfKind[]): RevenueOfKind[] {
  const sums = new Map<string, RevenueOfKind>();
  for (const { kind, billingKind, cents } of rows) {
    const key = `${kind} ${billingKind ?? ''}`;
    sums.set(key, { kind, billingKind, cents: cents + (sums.get(key)?.cents ?? 0) });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

function sumCents(rows: readonly { readonly cents: number }[]): number {
  const cents = rows.reduce((sum, row) => sum + row.cents, 0);
  return requireExactCents(cents, `The sum of ${rows.length} amounts`);
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
