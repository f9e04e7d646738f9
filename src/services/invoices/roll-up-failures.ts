import type { App } from '../../context.js';
import { type Period, parsePeriod } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { type Sql, sql } from '../../database/sql.js';
import { RollUpFailure } from '../../entities/roll-up-failure.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';
import type { InvoiceKey } from './write-drafts.js';

/** A draft that failed, with the deployment that could not be priced. */
export class DraftError extends Error {
  override readonly name = 'DraftError';
  constructor(
    readonly deploymentId: string | null,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

export interface FailedDraft extends InvoiceKey {
  readonly deploymentId: string | null;
  readonly reason: string;
}

/** Stores the failures of one roll-up: one row a tenant, month and currency, with the number of attempts. */
export async function saveRollUpFailures(
  app: Pick<App, 'db'>,
  { period, requestId, at }: { readonly period: Period; readonly requestId: string; readonly at: Date },
  failed: readonly FailedDraft[],
): Promise<void> {
  if (failed.length === 0) return;
  await query(app.db).execute(
    sql`/* save-roll-up-failures */ insert into roll_up_failures
       (tenant_id, currency, period, deployment_id, request_id, reason, first_failed_at, last_failed_at)
     select "tenantId", currency, ${period}::date, "deploymentId", ${requestId}, reason, ${at}::timestamptz, ${at}::timestamptz
     from jsonb_to_recordset(${JSON.stringify(failed)}::jsonb)
       as failed("tenantId" text, currency text, "deploymentId" uuid, reason text)
     on conflict (tenant_id, currency, period) do update set deployment_id = excluded.deployment_id,
       request_id = excluded.request_id, reason = excluded.reason, last_failed_at = excluded.last_failed_at,
       attempts = roll_up_failures.attempts + 1, resolved_at = null`,
  );
}

/** Resolves the failures of a month whose invoices are drafted now. */
export async function resolveRollUpFailures(
  app: Pick<App, 'db'>,
  { period, at }: { readonly period: Period; readonly at: Date },
  drafted: readonly InvoiceKey[],
): Promise<void> {
  await query(app.db).execute(
    sql`/* resolve-roll-up-failures */ update roll_up_failures failure set resolved_at = ${at}::timestamptz
     from unnest(${drafted.map(({ tenantId }) => tenantId)}::text[], ${drafted.map(({ currency }) => currency)}::text[])
       as drafted(tenant_id, currency)
     where failure.period = ${period}::date and failure.tenant_id = drafted.tenant_id
       and failure.currency = drafted.currency and failure.resolved_at is null`,
  );
}

export interface RollUpFailureFilter {
  readonly tenantId?: string | null | undefined;
  /** Any day of the month. */
  readonly period?: string | null | undefined;
  readonly deploymentId?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  /** Omitted: the unresolved failures. */
  readonly resolved?: boolean | null | undefined;
}

const RollUpFailureRow = rowOf(RollUpFailure);
export type RollUpFailureRow = RowOf<typeof RollUpFailureRow>;

const failureList = sortedList({
  name: 'list-roll-up-failures',
  row: RollUpFailureRow,
  select: RollUpFailureRow.columns('failure'),
  from: sql`roll_up_failures failure`,
  keys: [
    { column: 'failure.last_failed_at', type: 'instant' },
    { column: 'failure.id', type: 'bigint' },
  ],
  direction: 'desc',
});

/** The last to fail first. Operators only: the resolver checks the role. */
export function listRollUpFailures(
  app: Pick<App, 'reads'>,
  { tenantId, period, deploymentId, requestId, resolved }: RollUpFailureFilter,
): PagedList<RollUpFailureRow> {
  const conditions: Sql[] = [resolved ? sql`failure.resolved_at is not null` : sql`failure.resolved_at is null`];
  if (tenantId != null) conditions.push(sql`failure.tenant_id = ${tenantId}`);
  if (period != null) conditions.push(sql`failure.period = ${parsePeriod(period, 'filter.period')}::date`);
  if (requestId != null) conditions.push(sql`failure.request_id = ${requestId}`);
  if (deploymentId != null) conditions.push(sql`failure.deployment_id::text = ${deploymentId}`);
  return failureList(app.reads, conditions);
}
