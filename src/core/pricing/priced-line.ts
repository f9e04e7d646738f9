import type { BillingKind } from '../metering/billing-kind.js';
import type { DecimalText } from '../money/decimal-text.js';
import type { Currency, Money } from '../money/money.js';
import type { RoundedCents } from '../money/rounded-cents.js';
import type { Day, Period } from '../time/period.js';
import type { Proration } from './proration.js';

export const LINE_KINDS = ['plan_base', 'addon', 'overage', 'llm_usage', 'tax'] as const;
export type LineKind = (typeof LINE_KINDS)[number];

/** One priced line of a quote or an invoice: plain JSON, with the proof of its amount in `meta`. */
export interface PricedLine {
  readonly kind: LineKind;
  readonly billingKind: BillingKind | null;
  readonly description: string;
  readonly quantity: DecimalText;
  readonly unit: string;
  readonly unitPriceCents: DecimalText;
  readonly amount: Money;
  readonly meta: LineMeta;
}

/** How the amount came about. Every one ends in the same proof: exact cents plus residue are the amount. */
export type LineMeta = BaseMeta | AddonMeta | OverageMeta | LlmUsageMeta | TaxMeta;

type Proof = Omit<RoundedCents, 'cents'>;

/** Only on lines drafted before allowances were prorated: the share of a whole month's allowance that the line granted. */
interface GrantedShare {
  readonly allowanceShare?: 0 | 1;
}

export interface BaseMeta extends Proration, Proof, GrantedShare {
  readonly formula: 'price × days billed ÷ days in month';
  readonly source: 'plan_base';
  readonly planVersionId: string;
  readonly planCode: string;
  readonly version: number;
  readonly priceCents: number;
}

export interface AddonMeta extends Proration, Proof, GrantedShare {
  readonly formula: 'price × days billed ÷ days in month';
  readonly source: 'addon';
  readonly addonCode: string;
  readonly addonQuantity: DecimalText;
  readonly priceCents: number;
}

/**
 * `allowance = Σ allowanceParts`, `overage = used − allowanceApplied`, `billable = min(overage, cap)`, in base units. One
 * that has no last decimal is cut after 12 digits, and `exact` has what the line was priced from.
 */
export interface OverageMeta extends Proof {
  readonly formula: '(used − allowance, at most cap) ÷ unit size × unit price';
  readonly source: 'overage';
  readonly planVersionId: string;
  readonly priceSource: PriceSource;
  /** The days whose usage the line prices: billed days on which its price was in force. */
  readonly usageDays: readonly UsageDays[];
  readonly used: DecimalText;
  readonly allowance: DecimalText;
  readonly allowanceParts: readonly AllowancePart[];
  /** The part of the allowance that this line's usage took. */
  readonly allowanceApplied: DecimalText;
  readonly overage: DecimalText;
  readonly cap: DecimalText | null;
  readonly billable: DecimalText;
  readonly unitSize: DecimalText;
  /** As quotients ("20/31"), where one of them has no last decimal. */
  readonly exact?: { readonly used: string; readonly allowanceApplied: string; readonly billable: string };
  /** Where the kind has days beyond this line's: its usage on all billed days, and what of it no price covers. */
  readonly month?: { readonly used: DecimalText; readonly unpriced: DecimalText };
}

/** Both ends included. */
export interface UsageDays {
  readonly from: Day;
  readonly to: Day;
}

/** Where the price comes from. Unit, price and currency stand on the line itself: no later change of the catalog shows. */
export type PriceSource =
  | { readonly source: 'plan_item'; readonly planVersionId: string }
  | {
      readonly source: 'resource_price';
      readonly resourcePriceId: string;
      readonly effectiveFrom: Day;
      /** The first day on which it no longer held, as known when the line was priced; null: none. */
      readonly effectiveTo: Day | null;
    };

export type AllowancePart = (
  | { readonly source: 'plan'; readonly planVersionId?: string }
  | { readonly source: 'addon'; readonly addonCode: string }
) & {
  readonly quantity: DecimalText;
  /** Of a whole month and the share of it, as "12/31"; left out where the whole month was in force. */
  readonly wholeQuantity?: DecimalText;
  readonly prorationFraction?: string;
};

/** The gateway's charges of one month, as they reached this invoice. */
export interface LlmChargeSum {
  readonly period: Period;
  readonly requestCount: number;
  readonly exactCents: DecimalText;
}

export interface LlmUsageMeta extends Proof {
  readonly formula: 'sum of the gateway’s charges';
  readonly source: 'llm_gateway';
  readonly charges: readonly LlmChargeSum[];
  /** Those of earlier months, whose invoice was issued before they arrived. */
  readonly late: readonly LlmChargeSum[];
}

export interface TaxMeta extends Proof {
  readonly formula: 'subtotal × rate';
  readonly source: 'tax';
  readonly rate: DecimalText;
  readonly taxableCents: number;
}

/** Makes a line of a settled amount: the only place where a line gets its amount and its proof. */
export function roundedLine<M extends LineMeta>(
  line: Omit<PricedLine, 'amount' | 'meta'>,
  currency: Currency,
  { cents, ...proof }: RoundedCents,
  meta: Omit<M, keyof Proof>,
): PricedLine {
  return { ...line, amount: { cents, currency }, meta: { ...meta, ...proof } as M };
}
