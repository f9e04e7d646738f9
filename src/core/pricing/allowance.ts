import type { BillingKind } from '../metering/billing-kind.js';
import type { DecimalText } from '../money/decimal-text.js';
import { Fraction } from '../money/fraction.js';
import { type ClosedDayRange, daysBetween, daysInMonth, type Period } from '../time/period.js';
import type { AddonTerms, PlanVersionTerms } from './plan.js';
import type { AllowancePart } from './priced-line.js';

/** Terms and the days of the month on which they were in force. */
export interface InForce<Terms> {
  readonly terms: Terms;
  readonly days: readonly ClosedDayRange[];
}

/** What a month grants of one billing kind. */
export interface Allowance {
  readonly total: Fraction;
  readonly parts: readonly AllowancePart[];
}

/** What plan versions and addons grant of a kind: each its quantity times its days in force over the days of the month. */
export function allowanceOf(
  kind: BillingKind,
  period: Period,
  plans: readonly InForce<PlanVersionTerms>[],
  addons: readonly InForce<AddonTerms>[],
): Allowance {
  const granted: Granted[] = [];
  for (const { terms, days } of plans) {
    const item = terms.items.find((one) => one.kind === kind);
    if (item) granted.push(grant(period, days, item.includedQuantity, { source: 'plan', planVersionId: terms.id }));
  }
  for (const { terms, days } of addons) {
    if (terms.kind === kind) {
      granted.push(grant(period, days, terms.quantity, { source: 'addon', addonCode: terms.code }));
    }
  }
  return {
    total: Fraction.sum(granted.map(({ quantity }) => quantity)),
    parts: granted.map(({ part }) => part),
  };
}

/** The exact quantity of a part. */
export function partQuantity({ quantity, wholeQuantity, prorationFraction }: AllowancePart): Fraction {
  if (wholeQuantity === undefined || prorationFraction === undefined) return Fraction.parse(quantity);
  return Fraction.parse(wholeQuantity).times(Fraction.parse(prorationFraction));
}

interface Granted {
  readonly quantity: Fraction;
  readonly part: AllowancePart;
}

type Source = { source: 'plan'; planVersionId: string } | { source: 'addon'; addonCode: string };

function grant(period: Period, days: readonly ClosedDayRange[], text: DecimalText, source: Source): Granted {
  const inForce = days.reduce((sum, { from, until }) => sum + daysBetween(from, until), 0);
  const inMonth = daysInMonth(period);
  const whole = Fraction.parse(text);
  if (inForce === inMonth) return { quantity: whole, part: { ...source, quantity: whole.toDecimalText() } };
  const quantity = whole.share(inForce, inMonth);
  const part = {
    ...source,
    quantity: quantity.toDecimalText(),
    wholeQuantity: whole.toDecimalText(),
    prorationFraction: `${inForce}/${inMonth}`,
  };
  return { quantity, part };
}
