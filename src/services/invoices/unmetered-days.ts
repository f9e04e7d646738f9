import type { App } from '../../context.js';
import { METERED_AS } from '../../core/metering/billing-kind.js';
import { type Day, daysOf, nextPeriod, type Period, rangeOf } from '../../core/time/period.js';
import { DomainError } from '../../errors.js';
import { IS_METERED_CHANGE } from '../metering/metered-changes.js';

/** An invoice drafted now would lack the usage of these days. */
export class UnmeteredDaysError extends DomainError {
  override readonly name = 'UnmeteredDaysError';
  readonly code = 'CONFLICT';
  constructor(
    readonly period: Period,
    readonly days: readonly Day[],
  ) {
    const shown = days.length > 3 ? `${days[0]} to ${days.at(-1)} (${days.length} days)` : days.join(', ');
    super(`Not metered yet: ${shown}. Meter these days, or pass allowUnmetered: true.`);
  }
  override get details() {
    return { fields: [{ path: 'period', message: this.message }], unmeteredDays: this.days };
  }
}

/**
 * The days of a month that were not metered, in order. None where no deployment had a resource that is metered since the
 * month began: there was nothing to meter.
 */
export async function findUnmeteredDays(app: Pick<App, 'reads'>, period: Period): Promise<Day[]> {
  const [row] = await app.reads.reports.query<{ hasResources: boolean; metered: Day[] }>(
    `select exists (select from cloud_resources resource where resource.kind = any($3::text[]) and resource.deployment_id is not null
         and (resource.first_seen_at < $2::date::timestamp at time zone 'UTC' or resource.attrs ->> 'created_at' < $2::date::text)
         and (resource.deleted_at is null or resource.deleted_at > $1::date::timestamp at time zone 'UTC'))
       or exists (select from cloud_resource_events event where ${IS_METERED_CHANGE} and event.changes ? 'deploymentId'
         and event.at > $1::date::timestamp at time zone 'UTC') as "hasResources",
       array(select day::text from metered_days where day >= $1::date and day < $2::date) as metered`,
    [period, nextPeriod(period), Object.keys(METERED_AS)],
  );
  if (!row?.hasResources) return [];
  const metered = new Set(row.metered);
  return daysOf(rangeOf(period)).filter((day) => !metered.has(day));
}

/** The first day that was ever metered: days before it, as those before the installation, are not waited for. */
export async function firstMeteredDay(app: Pick<App, 'reads'>): Promise<Day | null> {
  const [row] = await app.reads.reports.query<{ day: Day | null }>(
    'select min(day)::text as day from metered_days',
    [],
  );
  return row?.day ?? null;
}
