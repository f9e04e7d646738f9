import type { ResourceKind } from '../inventory/resource-kind.js';
import { sumDecimals } from '../money/decimal-text.js';
import { Decimal } from '../money/money.js';
import { type Day, daysInMonth, periodOf } from '../time/period.js';
import { type BillingKind, METERED_AS } from './billing-kind.js';

export const GRANULARITIES = ['daily', 'hourly'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/**
 * Digits after the point of one usage record: `numeric(38,18)`, rounded half away from zero. In SQL:
 * `round(size_gb::numeric(38,18) / days, 18)`, the cast because a numeric division keeps the scale of its operands.
 */
export const RECORD_SCALE = 18;

/**
 * Digits after the point of a month's total: `round(sum(quantity), 12)`. A record is off by at most 5e-19, so a
 * million of them leave the total exact: 48 GB through a month of 31 days are 48 and not 48.000000000000000009.
 */
export const TOTAL_SCALE = 12;

/** The most that the columns of usage hold. A size past it, or below zero, is as good as unknown. */
export const MAX_SIZE_GB = 10 ** 18;

/** What metering looks at in one resource on one day. */
export interface MeterableResource {
  readonly kind: ResourceKind;
  /** The provider's word; only a droplet's matters. */
  readonly status: string | null;
  /** Null where the provider has not said (a bucket known by its URN alone). */
  readonly sizeGb: string | number | null;
}

export interface MeteredQuantity {
  readonly billingKind: BillingKind;
  readonly quantity: Decimal;
}

/**
 * The usage of one resource on one day, or in one hour of it; null: no record, because the kind is not metered or the
 * size is not known. A droplet that is off has a record of 0. The set-based statement is tested against this.
 */
export function meterResource(
  resource: MeterableResource,
  day: Day,
  granularity: Granularity = 'daily',
): MeteredQuantity | null {
  const billingKind = METERED_AS[resource.kind];
  if (!billingKind) return null;
  const perDay = quantityPerDay(resource, daysInMonth(periodOf(day)));
  if (perDay === null) return null;
  const quantity = granularity === 'hourly' ? perDay.div(24) : perDay;
  return { billingKind, quantity: quantity.toDecimalPlaces(RECORD_SCALE, Decimal.ROUND_HALF_UP) };
}

function quantityPerDay({ kind, status, sizeGb }: MeterableResource, daysInMonth: number): Decimal | null {
  if (kind === 'droplet') return new Decimal(status === 'active' ? 24 : 0);
  if (kind === 'dns_zone') return new Decimal(1).div(daysInMonth);
  if (sizeGb === null) return null;
  const size = new Decimal(sizeGb);
  return size.gte(0) && size.lte(MAX_SIZE_GB) ? size.div(daysInMonth) : null;
}

/** What records of one kind come to, free of the dust of their divisions. Quantities, not money. */
export function totalQuantity(quantities: Iterable<string>): Decimal {
  return sumDecimals(quantities).toDecimalPlaces(TOTAL_SCALE, Decimal.ROUND_HALF_UP);
}

export interface MeteringRule {
  readonly granularity: Granularity;
  readonly retentionDays: number;
}

/** Until an operator says otherwise: long enough to explain last year's invoices record by record. */
export const DEFAULT_METERING_RULE: MeteringRule = { granularity: 'daily', retentionDays: 760 };
