import { z } from 'zod';
import type { App } from '../../context.js';
import { isFinished, type SagaEventType, type SagaStatus } from '../../core/sagas/sagas.js';
import { storableJson, storableText } from '../../core/text/storable-text.js';
import { preparedQueries } from '../../database/prepared.js';
import { rowShape } from '../../database/row-shape.js';
import { type Sql, sql } from '../../database/sql.js';
import { isFree, leaseEnd } from '../leases/lease.js';
import { sagaLeases } from './saga-lease.js';
import type { FoundSaga, LedgerRow, SagaState } from './saga-state.js';

/** Wakes the followers of all sagas; `sagaTopic` wakes those of one. */
export const SAGAS_TOPIC = 'sagas';
export const sagaTopic = (id: string): string => `saga:${id}`;

export interface NewEvent {
  readonly type: SagaEventType;
  readonly status: SagaStatus;
  readonly stepIndex?: number;
  readonly stepName?: string;
  readonly message?: string | null;
}

/** The changes of one transaction to a saga. Properties that are left out stay as they are. */
export interface SagaChange {
  readonly status?: SagaStatus;
  readonly context?: Record<string, unknown>;
  readonly currentStepIndex?: number;
  readonly cause?: string | null;
  readonly error?: string | null;
  readonly ledger?: readonly LedgerRow[];
  readonly events?: readonly NewEvent[];
  /** Releases the lease; no runner takes the saga for so many seconds. */
  readonly waitSeconds?: number;
  /** Writes nothing if a cancel was requested. */
  readonly unlessCancelled?: boolean;
}

interface Write {
  readonly saga: SagaState;
  readonly next: SagaState;
  readonly change: SagaChange;
  readonly events: readonly NewEvent[];
  readonly at: Date;
  readonly leaseSeconds: number;
  /** Null: the writer holds the saga already. */
  readonly taking: { readonly owner: string; readonly revision: string } | null;
}

const WrittenRow = rowShape({ epoch: z.string(), cancelRequested: z.boolean() });

/**
 * One statement, so one transaction, for the saga's row, its ledger and its events. It writes only if the writer still
 * holds the saga under its epoch; or, to take the saga, if no runner holds it and its row did not change since it was
 * read. Events are numbered under the row's lock. The advisory lock comes before the transaction gets its number, so that
 * the order of a saga's events and the order of the transactions that wrote them are the same.
 */
function writeStatement({ saga, next, change, events, at, leaseSeconds, taking }: Write): Sql {
  const isReleased = isFinished(next.status) || change.waitSeconds !== undefined;
  const owner = taking?.owner ?? null;
  return sql`/* write-saga */
  with turn as materialized (select pg_advisory_xact_lock(hashtext('saga_runs'), hashtext(${saga.id}::text)) as taken),
  held as (
    update saga_runs run
    set status = ${next.status}, context = coalesce(${change.context ? storableJson(change.context) : null}::jsonb, run.context),
      current_step_index = ${next.currentStepIndex}, cause = ${next.cause === null ? null : storableText(next.cause)},
      error = ${next.error === null ? null : storableText(next.error)},
      finished_at = ${isFinished(next.status) ? at : null}, last_sequence = run.last_sequence + ${events.length}::int,
      next_attempt_at = clock_timestamp() + ${change.waitSeconds ?? null}::float8 * interval '1 second',
      epoch = run.epoch + ${taking ? 1 : 0}::int,
      lease_owner = case when ${isReleased} then null else coalesce(${owner}::text, run.lease_owner) end,
      lease_until = case when ${isReleased} then null else ${leaseEnd(leaseSeconds)} end
    from turn
    where run.id = ${saga.id}::uuid and run.epoch = ${saga.epoch}::bigint
      and not (${change.unlessCancelled ?? false} and run.cancel_requested)
      and case when ${owner}::text is null then run.lease_owner is not null
        else run.xmin::text = ${taking?.revision ?? null} and ${isFree('run.lease_until')}
          and (run.next_attempt_at is null or run.next_attempt_at <= clock_timestamp()) and run.finished_at is null end
    returning run.id, run.epoch, run.cancel_requested, run.last_sequence - ${events.length}::int as earlier_events
  ), ledger as (
    insert into saga_step_results as step (saga_id, index, name, version, status, attempts, polls, output, notes, message,
      error, started_at, finished_at)
    select held.id, row.index, row.name, row.version, row.status, row.attempts, row.polls, row.output, row.notes,
      row.message, row.error, row."startedAt", row."finishedAt"
    from held, jsonb_to_recordset(${storableJson(change.ledger ?? [])}::jsonb) as row(index int, name text, version int,
      status text, attempts int, polls int, output jsonb, notes jsonb, message text, error text, "startedAt" timestamptz,
      "finishedAt" timestamptz)
    on conflict (saga_id, index) do update set status = excluded.status, attempts = excluded.attempts,
      polls = excluded.polls, output = excluded.output, notes = excluded.notes, message = excluded.message,
      error = excluded.error, finished_at = excluded.finished_at
  ), appended as (
    insert into saga_events (saga_id, sequence, type, at, step_index, step_name, message, status)
    select held.id, held.earlier_events + event.place, event.row ->> 'type', ${at}, (event.row ->> 'stepIndex')::int,
      event.row ->> 'stepName', event.row ->> 'message', event.row ->> 'status'
    from held, jsonb_array_elements(${storableJson(events)}::jsonb) with ordinality as event(row, place)
  )
  select epoch::text, cancel_requested as "cancelRequested" from held`;
}

type WriteApp = Pick<App, 'db' | 'clock' | 'live' | 'config'>;

/**
 * Writes as the runner that holds the saga. Null: `unlessCancelled`, and the saga was cancelled meanwhile. Throws
 * LeaseLostError if another runner has the saga.
 */
export async function writeSaga(app: WriteApp, saga: SagaState, change: SagaChange): Promise<SagaState | null> {
  const written = await write(app, saga, change, null);
  if (written) return written;
  if (change.unlessCancelled && (await isCancelled(app, saga))) return null;
  throw sagaLeases.lostError(saga);
}

/** Takes the saga if no runner holds it and it is due. Null: it cannot be taken, or it has changed since it was read. */
export async function takeSaga(
  app: WriteApp,
  saga: FoundSaga,
  owner: string,
  change: SagaChange,
): Promise<SagaState | null> {
  return write(app, saga, change, { owner, revision: saga.revision });
}

async function write(
  app: WriteApp,
  saga: SagaState,
  change: SagaChange,
  taking: Write['taking'],
): Promise<SagaState | null> {
  const next = { ...saga, ...definedOf(change) };
  const events = change.events ?? [];
  const leaseSeconds = app.config.sagaLeaseSeconds;
  const statement = writeStatement({ saga, next, change, events, at: app.clock(), leaseSeconds, taking });
  const held = await preparedQueries(app.db).maybeOne(WrittenRow, statement);
  if (!held) return null;
  if (events.length > 0) wakeFollowers(app, saga.id);
  return { ...next, ...held, ledger: merged(saga.ledger, change.ledger ?? []) };
}

export function wakeFollowers(app: Pick<App, 'live'>, id: string): void {
  app.live.wake(sagaTopic(id));
  app.live.wake(SAGAS_TOPIC);
}

const IdRow = rowShape({ id: z.string() });

/** Whether this runner still holds the saga and a cancel was requested. */
async function isCancelled(app: Pick<App, 'db'>, saga: SagaState): Promise<boolean> {
  const found = await preparedQueries(app.db).maybeOne(
    IdRow,
    sql`/* find-cancelled-saga */ select id from saga_runs
      where id = ${saga.id} and epoch = ${saga.epoch} and lease_owner is not null and cancel_requested`,
  );
  return found !== null;
}

function definedOf({ status, context, currentStepIndex, cause, error }: SagaChange): Partial<SagaState> {
  const all = { status, context, currentStepIndex, cause, error };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function merged(ledger: readonly LedgerRow[], rows: readonly LedgerRow[]): readonly LedgerRow[] {
  if (rows.length === 0) return ledger;
  const byIndex = new Map([...ledger, ...rows].map((row) => [row.index, row]));
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}
