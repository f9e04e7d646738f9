import { ConflictError } from '../../errors.js';
import { soleCurrency } from '../money/currency-mismatch.js';
import { type ClosedDayRange, clipToPeriod, type DayRange, intersect, laterDay, type Period } from '../time/period.js';
import type { InForce } from './allowance.js';
import { type DayUsage, priceOverage, totalByKind, type UnpricedUsage } from './overage-lines.js';
import type { AddonTerms, PlanVersionTerms, ResourcePrice } from './plan.js';
import type { PricedLine } from './priced-line.js';
import { addonLine, baseLine } from './recurring-lines.js';

/** One plan version while it was in force: a change of version, a pause or an end closes the segment. */
export interface PlanSegment extends DayRange {
  readonly plan: PlanVersionTerms;
}

/** An addon from its first billed day; it is billed on the days on which its subscription has a plan version too. */
export interface AttachedAddon extends DayRange {
  readonly addon: AddonTerms;
}

export interface SubscriptionTerms {
  readonly segments: readonly PlanSegment[];
  readonly addons: readonly AttachedAddon[];
}

/** Everything that the price of one deployment's month depends on. */
export interface MonthToPrice {
  readonly period: Period;
  /** Mostly one; two where a deployment was cancelled and subscribed again within the month. */
  readonly subscriptions: readonly SubscriptionTerms[];
  readonly usage: readonly DayUsage[];
  readonly resourcePrices: readonly ResourcePrice[];
}

export interface PricedMonth {
  readonly recurring: readonly PricedLine[];
  readonly overage: readonly PricedLine[];
  /** On billed days, beyond the allowance, and without a price. */
  readonly unpriced: readonly UnpricedUsage[];
  /** On days without a plan version in force. */
  readonly unbilled: readonly UnpricedUsage[];
}

/**
 * The one engine behind quotes, invoices, accrual, forecast and replay: what a deployment owes for one month.
 *
 * - One base line for each stretch of days with one plan version, one line for each attached addon, both prorated by
 *   days and rounded by themselves.
 * - Each plan version and addon grants its allowance times its days in force over the days of the month, exactly. What
 *   they grant together covers the usage of the month. Price, unit and cap are those of the version in force last.
 * - Usage counts on billed days, those with a plan version in force. That of other days is listed as unbilled.
 */
export function priceMonth(month: MonthToPrice): PricedMonth {
  const stretches: PlanStretch[] = [];
  const addons: BilledAddon[] = [];
  for (const subscription of month.subscriptions) {
    const own = stretchesOf(subscription.segments, month.period);
    stretches.push(...own);
    addons.push(...billedAddons(subscription.addons, own));
  }
  soleCurrency(
    'a subscription',
    [...stretches.map((one) => one.plan.basePrice), ...addons.map((one) => one.addon.price)].map((p) => p.currency),
  );
  stretches.sort(byDays);
  addons.sort(byAddon);
  const recurring = [
    ...stretches.map((one) => baseLine(one.plan, month.period, one)),
    ...addons.map((one) => addonLine(one.addon, month.period, one.days)),
  ].filter((line) => line !== null);
  const isBilled = ({ day }: DayUsage) => stretches.some(({ from, until }) => from <= day && day < until);
  const unbilled = totalByKind(
    month.period,
    month.usage.filter((one) => !isBilled(one)),
  );
  const plan = stretches.toSorted(byLastDay).at(-1)?.plan;
  if (!plan) return { recurring, overage: [], unpriced: [], unbilled };
  const terms = {
    period: month.period,
    plan,
    plans: plansInForce(stretches),
    addons: addons.map(({ addon, days }) => ({ terms: addon, days })),
    billedDays: joined(stretches),
    resourcePrices: month.resourcePrices,
  };
  const { lines: overage, unpriced } = priceOverage(terms, month.usage.filter(isBilled));
  return { recurring, overage, unpriced, unbilled };
}

/** Each version once, with all of its days. */
function plansInForce(stretches: readonly PlanStretch[]): InForce<PlanVersionTerms>[] {
  const days = new Map<string, InForce<PlanVersionTerms>>();
  for (const { plan, from, until } of stretches) {
    days.set(plan.id, { terms: plan, days: [...(days.get(plan.id)?.days ?? []), { from, until }] });
  }
  return [...days.values()];
}

/** The same days in as few ranges as there can be. In order. */
function joined(ranges: readonly ClosedDayRange[]): ClosedDayRange[] {
  const whole: ClosedDayRange[] = [];
  for (const { from, until } of ranges.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = whole.at(-1);
    if (last && from <= last.until) whole[whole.length - 1] = { from: last.from, until: laterDay(last.until, until) };
    else whole.push({ from, until });
  }
  return whole;
}

interface PlanStretch extends ClosedDayRange {
  readonly plan: PlanVersionTerms;
}

interface BilledAddon {
  readonly addon: AddonTerms;
  readonly days: readonly ClosedDayRange[];
}

/** The segments within the month in order, those of one version that touch joined; two versions on a day are an error. */
function stretchesOf(segments: readonly PlanSegment[], period: Period): PlanStretch[] {
  const clipped = segments
    .flatMap((segment) => {
      const days = clipToPeriod(segment, period);
      return days ? [{ ...days, plan: segment.plan }] : [];
    })
    .sort(byDays);
  const stretches: PlanStretch[] = [];
  for (const next of clipped) {
    const last = stretches.at(-1);
    if (last && next.from < last.until) {
      throw new ConflictError(`A subscription has two plan versions in force on ${next.from}.`);
    }
    if (last && last.until === next.from && last.plan.id === next.plan.id) {
      stretches[stretches.length - 1] = { ...last, until: next.until };
    } else stretches.push(next);
  }
  return stretches;
}

function billedAddons(addons: readonly AttachedAddon[], stretches: readonly PlanStretch[]): BilledAddon[] {
  return addons.flatMap((attached) => {
    const days = stretches.map((stretch) => intersect(attached, stretch)).filter((range) => range !== null);
    return days.length > 0 ? [{ addon: attached.addon, days }] : [];
  });
}

// Every key that a line shows takes part, so that the order of lines never depends on the order of inputs.

function byDays(a: PlanStretch, b: PlanStretch): number {
  return compare([a.from, a.until, a.plan.id], [b.from, b.until, b.plan.id]);
}

function byLastDay(a: PlanStretch, b: PlanStretch): number {
  return compare([a.until, a.from, a.plan.id], [b.until, b.from, b.plan.id]);
}

function byAddon(a: BilledAddon, b: BilledAddon): number {
  return compare(addonKey(a), addonKey(b));
}

function addonKey({ addon, days }: BilledAddon): (string | number)[] {
  const ranges = days.map((range) => `${range.from}/${range.until}`).join(' ');
  return [addon.code, ranges, addon.kind, addon.quantity, addon.price.cents, addon.name];
}

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right !== undefined && left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
