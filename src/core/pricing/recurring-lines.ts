import { BILLING_KIND_FACTS } from '../metering/billing-kind.js';
import { toDecimalText } from '../money/decimal-text.js';
import { Decimal } from '../money/money.js';
import type { ClosedDayRange, Period } from '../time/period.js';
import type { AddonTerms, PlanVersionTerms } from './plan.js';
import { type AddonMeta, type BaseMeta, type PricedLine, roundedLine } from './priced-line.js';
import { type Proration, prorate, prorationOf } from './proration.js';

const FORMULA = 'price × days billed ÷ days in month';

/** The base price of one plan version for the days that it was in force. */
export function baseLine(plan: PlanVersionTerms, period: Period, range: ClosedDayRange): PricedLine | null {
  const share = prorationOf(period, [range]);
  if (!share) return null;
  const { cents: priceCents, currency } = plan.basePrice;
  return roundedLine<BaseMeta>(
    {
      kind: 'plan_base',
      billingKind: null,
      description: `${plan.planName} plan${daysNote(share)}`,
      quantity: '1',
      unit: 'month',
      unitPriceCents: String(priceCents),
    },
    currency,
    prorate(priceCents, share),
    {
      formula: FORMULA,
      source: 'plan_base',
      planVersionId: plan.id,
      planCode: plan.planCode,
      version: plan.version,
      priceCents,
      ...share,
    },
  );
}

/** The price of one attached addon for the days that it was billed. */
export function addonLine(addon: AddonTerms, period: Period, ranges: readonly ClosedDayRange[]): PricedLine | null {
  const share = prorationOf(period, ranges);
  if (!share) return null;
  const { cents: priceCents, currency } = addon.price;
  const addonQuantity = toDecimalText(new Decimal(addon.quantity));
  return roundedLine<AddonMeta>(
    {
      kind: 'addon',
      billingKind: addon.kind,
      description: `${addon.name} (${addonQuantity} ${BILLING_KIND_FACTS[addon.kind].baseUnit})${daysNote(share)}`,
      quantity: '1',
      unit: 'month',
      unitPriceCents: String(priceCents),
    },
    currency,
    prorate(priceCents, share),
    { formula: FORMULA, source: 'addon', addonCode: addon.code, addonQuantity, priceCents, ...share },
  );
}

function daysNote({ daysBilled, daysInMonth, firstDay, lastDay }: Proration): string {
  if (daysBilled === daysInMonth) return '';
  return `, ${firstDay} to ${lastDay} (${daysBilled} of ${daysInMonth} days)`;
}
