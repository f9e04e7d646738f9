import type { BillingKind } from '../metering/billing-kind.js';
import type { DecimalText } from '../money/decimal-text.js';
import { type Money, sumMoney } from '../money/money.js';
import { type Day, daysBetween, daysInMonth, nextPeriod, periodOf } from '../time/period.js';
import type { UnpricedUsage } from './overage-lines.js';
import type { AddonTerms, PlanVersionTerms, ResourcePrice } from './plan.js';
import { priceMonth } from './price-month.js';
import type { PricedLine } from './priced-line.js';

export interface QuoteRequest {
  readonly plan: PlanVersionTerms;
  /** One entry for each time that an addon is attached. */
  readonly addons: readonly AddonTerms[];
  /** A month's usage; resource prices are those of the first day. */
  readonly projectedUsage: readonly { readonly kind: BillingKind; readonly quantity: DecimalText }[];
  /** First billed day; the first of a month prorates nothing. */
  readonly startsOn: Day;
  readonly resourcePrices: readonly ResourcePrice[];
}

export interface QuoteSection {
  readonly lines: readonly PricedLine[];
  readonly total: Money;
}

export interface Quote {
  readonly planVersionId: string;
  readonly recurring: QuoteSection;
  readonly firstInvoice: QuoteSection;
  /** As "12/31". */
  readonly prorationFraction: string;
  readonly overage: QuoteSection;
  readonly unpriced: readonly UnpricedUsage[];
  readonly allInMonthly: Money;
}

/**
 * Prices a whole month as its invoice will: `recurring` and `overage` are the lines of an invoice over all of it with that
 * usage, `firstInvoice` the recurring lines of the first one. Only an invoice prorates allowances.
 */
export function quote(request: QuoteRequest): Quote {
  const { startsOn, plan } = request;
  const period = periodOf(startsOn);
  const { currency } = plan.basePrice;
  const monthFrom = (from: Day) =>
    priceMonth({
      period,
      subscriptions: [
        {
          segments: [{ plan, from, until: null }],
          addons: request.addons.map((addon) => ({ addon, from, until: null })),
        },
      ],
      usage: request.projectedUsage.map((usage) => ({ ...usage, day: startsOn })),
      resourcePrices: request.resourcePrices,
    });
  const section = (lines: readonly PricedLine[]): QuoteSection => {
    return {
      lines,
      total: sumMoney(
        currency,
        lines.map((line) => line.amount),
      ),
    };
  };
  const whole = monthFrom(period);
  const recurring = section(whole.recurring);
  const overage = section(whole.overage);
  return {
    planVersionId: plan.id,
    recurring,
    firstInvoice: section(monthFrom(startsOn).recurring),
    prorationFraction: `${daysBetween(startsOn, nextPeriod(period))}/${daysInMonth(period)}`,
    overage,
    unpriced: whole.unpriced,
    allInMonthly: sumMoney(currency, [recurring.total, overage.total]),
  };
}
