import { z } from 'zod';
import type { App } from '../../context.js';
import { METERED_AS } from '../../core/metering/billing-kind.js';
import { type Day, daysOf, nextPeriod, type Period, rangeOf } from '../../core/time/period.js';
import { DayShape } from '../../core/time/period-shapes.js';
import { rowShape } from '../../database/row-shape.js';
import { rawSql, shared, sql } from '../../database/sql.js';
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

const MeteredRow = rowShape({ hasResources: z.boolean(), metered: z.array(DayShape) });

/**
 * The days of a month that were not metered, in order. Empty if no deployment had a metered resource in the month: there
 * was nothing to meter.
 */
export async function findUnmeteredDays(app: Pick<App, 'reads'>, period: Period): Promise<Day[]> {
  const [first, end] = [shared(period), shared(nextPeriod(period))];
  const { hasResources, metered } = await app.reads.reports.one(
    MeteredRow,
    sql`/* find-unmetered-days */ select exists (select from cloud_resources resource
         where resource.kind = any(${Object.keys(METERED_AS)}::text[]) and resource.deployment_id is not null
         and (resource.first_seen_at < ${end}::date::timestamp at time zone 'UTC' or resource.attrs ->> 'created_at' < ${end}::date::text)
         and (resource.deleted_at is null or resource.deleted_at > ${first}::date::timestamp at time zone 'UTC'))
       or exists (select from cloud_resource_events event where ${rawSql(IS_METERED_CHANGE)} and event.changes ? 'deploymentId'
         and event.at > ${first}::date::timestamp at time zone 'UTC') as "hasResources",
       array(select day::text from metered_days where day >= ${first}::date and day < ${end}::date) as metered`,
  );
  if (!hasResources) return [];
  const meteredDays = new Set(metered);
  return daysOf(rangeOf(period)).filter((day) => !meteredDays.has(day));
}

const FirstDayRow = rowShape({ day: DayShape.nullable() });

/** The first day that was ever metered; null: none was. */
export async function firstMeteredDay(app: Pick<App, 'reads'>): Promise<Day | null> {
  const { day } = await app.reads.reports.one(
    FirstDayRow,
    sql`/* first-metered-day */ select min(day)::text as day from metered_days`,
  );
  return day;
}
