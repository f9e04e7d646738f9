import { type Day, lastDayOf, laterDay, periodOf } from '../time/period.js';

export const SUBSCRIPTION_STATUSES = ['active', 'paused', 'cancelled'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** The month that a subscription is in, both days included; one that has not begun yet is in its first. */
export function currentPeriod(startsOn: Day, today: Day): { start: Day; end: Day } {
  const start = periodOf(laterDay(startsOn, today));
  return { start, end: lastDayOf(start) };
}
