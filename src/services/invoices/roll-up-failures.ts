import type { App } from '../../context.js';
import { type Period, parsePeriod } from '../../core/time/period.js';
import { Parameters } from '../../database/reads.js';
import type { RollUpFailure } from '../../entities/roll-up-failure.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';
import type { Billee } from './write-drafts.js';

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

export interface FailedDraft extends Billee {
  readonly deploymentId: string | null;
  readonly reason: string;
}

/** What is known of one roll-up: who failed, and who did not. */
interface RollUpOutcome {
  readonly period: Period;
  readonly requestId: string;
  readonly at: Date;
  readonly drafted: readonly Billee[];
  readonly failed: readonly FailedDraft[];
}

/** Keeps the failures, one a tenant, month and currency, and marks those as resolved that were drafted this time. */
export async function keepRollUpFailures(
  app: Pick<App, 'db'>,
  { period, requestId, at, drafted, failed }: RollUpOutcome,
): Promise<void> {
  await app.db.query(
    `update roll_up_failures failure set resolved_at = $2
     from jsonb_to_recordset($3::jsonb) as drafted("tenantId" text, currency text)
     where failure.period = $1 and failure.tenant_id = drafted."tenantId" and failure.currency = drafted.currency
       and failure.resolved_at is null`,
    [period, at, JSON.stringify(drafted)],
  );
  if (failed.length === 0) return;
  await app.db.query(
    `insert into roll_up_failures (tenant_id, currency, period, deployment_id, request_id, reason, first_failed_at, last_failed_at)
     select "tenantId", currency, $1, "deploymentId", $2, reason, $3, $3
     from jsonb_to_recordset($4::jsonb) as failed("tenantId" text, currency text, "deploymentId" uuid, reason text)
     on conflict (tenant_id, currency, period) do update set deployment_id = excluded.deployment_id,
       request_id = excluded.request_id, reason = excluded.reason, last_failed_at = excluded.last_failed_at,
       attempts = roll_up_failures.attempts + 1, resolved_at = null`,
    [period, requestId, at, JSON.stringify(failed)],
  );
}

export interface RollUpFailureFilter {
  readonly tenantId?: string | null | undefined;
  /** Any day of the month. */
  readonly period?: string | null | undefined;
  readonly deploymentId?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  /** Left out: those that are not resolved. */
  readonly resolved?: boolean | null | undefined;
}

/** The last to fail first. */
export async function listRollUpFailures(
  app: Pick<App, 'reads'>,
  filter: RollUpFailureFilter,
  request: PageRequest,
): Promise<Page<RollUpFailure>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [(part) => /^-?\d{1,17}$/.test(part), isBigint]);
  const parameters = new Parameters();
  const conditions = conditionsOf(filter, parameters);
  if (after) {
    const [micros, id] = [parameters.add(after[0]), parameters.add(after[1])];
    conditions.push(
      `(failure.last_failed_at, failure.id) < (timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond', ${id}::bigint)`,
    );
  }
  const rows = await app.reads.query<RollUpFailure & { sortKey: string }>(
    `select failure.id::text, failure.tenant_id as "tenantId", failure.currency, failure.period::text as period,
       failure.deployment_id as "deploymentId", failure.request_id as "requestId", failure.reason, failure.attempts,
       failure.first_failed_at as "firstFailedAt", failure.last_failed_at as "lastFailedAt", failure.resolved_at as "resolvedAt",
       (extract(epoch from failure.last_failed_at) * 1000000)::bigint as "sortKey"
     from roll_up_failures failure where ${conditions.join(' and ')}
     order by failure.last_failed_at desc, failure.id desc limit ${parameters.add(limit)}`,
    parameters.values,
  );
  return toPage<RollUpFailure>(request, rows, (row) => encodeCursor([(row as (typeof rows)[number]).sortKey, row.id]));
}

export async function countRollUpFailures(app: Pick<App, 'reads'>, filter: RollUpFailureFilter): Promise<number> {
  const parameters = new Parameters();
  const conditions = conditionsOf(filter, parameters);
  const [row] = await app.reads.query<{ count: number }>(
    `select count(*)::int as count from roll_up_failures failure where ${conditions.join(' and ')}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

function conditionsOf(filter: RollUpFailureFilter, parameters: Parameters): string[] {
  const conditions = [`failure.resolved_at is ${filter.resolved ? 'not ' : ''}null`];
  const add = (column: string, value: unknown) => {
    if (value !== null && value !== undefined) conditions.push(`failure.${column} = ${parameters.add(value)}`);
  };
  add('tenant_id', filter.tenantId);
  add('period', filter.period && parsePeriod(filter.period, 'filter.period'));
  add('request_id', filter.requestId);
  if (filter.deploymentId) conditions.push(`failure.deployment_id::text = ${parameters.add(filter.deploymentId)}`);
  return conditions;
}
