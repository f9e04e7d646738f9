import type { App } from '../../context.js';
import { isFinished, type SagaEventType, type SagaStatus } from '../../core/sagas/sagas.js';
import { storableJson, storableText } from '../../core/text/storable-text.js';
import { runPrepared } from '../../database/prepared.js';
import type { FoundSaga, LedgerRow, SagaState } from './saga-state.js';

/** All sagas' events; each saga's own topic is `sagaTopic`. */
export const SAGAS_TOPIC = 'sagas';
export const sagaTopic = (id: string): string => `saga:${id}`;

/** The saga went to another runner; whoever held it stops without writing. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

export interface NewEvent {
  readonly type: SagaEventType;
  readonly status: SagaStatus;
  readonly stepIndex?: number;
  readonly stepName?: string;
  readonly message?: string | null;
}

/** What one transaction changes of a saga. What is left out stays. */
export interface SagaChange {
  readonly status?: SagaStatus;
  readonly context?: Record<string, unknown>;
  readonly currentStepIndex?: number;
  readonly cause?: string | null;
  readonly error?: string | null;
  readonly ledger?: readonly LedgerRow[];
  readonly events?: readonly NewEvent[];
  /** Lets go of the lease, and nobody takes the saga up before so many seconds have passed. */
  readonly waitSeconds?: number;
  /** Only where no cancel was asked for; else nothing is written. */
  readonly unlessCancelled?: boolean;
}

/**
 * One statement, so one transaction: the saga's row, its ledger and its events, and all of it only where the writer still
 * holds the saga under its epoch; or, to take it, where nobody does and nothing was written since it was read. Events are
 * numbered under the row's lock. The advisory lock comes before the transaction gets its number, so that the order of a
 * saga's events and the order of the transactions that wrote them are the same.
 */
const WRITE = {
  name: 'saga_write',
  text: `
  with turn as materialized (select pg_advisory_xact_lock(hashtext('saga_runs'), hashtext($1::text)) as taken),
  held as (
    update saga_runs run
    set status = $3, context = coalesce($4::jsonb, run.context), current_step_index = $5, cause = $6, error = $7,
      finished_at = $8, last_sequence = run.last_sequence + jsonb_array_length($10::jsonb),
      next_attempt_at = clock_timestamp() + $9::float8 * interval '1 second',
      epoch = run.epoch + case when $12::text is null then 0 else 1 end,
      lease_owner = case when $13 then null else coalesce($12::text, run.lease_owner) end,
      lease_until = case when $13 then null else clock_timestamp() + $14::float8 * interval '1 second' end
    from turn
    where run.id = $1::uuid and run.epoch = $2::bigint and not ($15 and run.cancel_requested)
      and case when $12::text is null then run.lease_owner is not null
        else run.xmin::text = $17 and (run.lease_until is null or run.lease_until < clock_timestamp())
          and (run.next_attempt_at is null or run.next_attempt_at <= clock_timestamp()) and run.finished_at is null end
    returning run.id, run.epoch, run.cancel_requested, run.last_sequence - jsonb_array_length($10::jsonb) as told_before
  ), ledger as (
    insert into saga_step_results as step (saga_id, index, name, version, status, attempts, polls, output, notes, message,
      error, started_at, finished_at)
    select held.id, row.index, row.name, row.version, row.status, row.attempts, row.polls, row.output, row.notes,
      row.message, row.error, row."startedAt", row."finishedAt"
    from held, jsonb_to_recordset($11::jsonb) as row(index int, name text, version int, status text, attempts int,
      polls int, output jsonb, notes jsonb, message text, error text, "startedAt" timestamptz, "finishedAt" timestamptz)
    on conflict (saga_id, index) do update set status = excluded.status, attempts = excluded.attempts,
      polls = excluded.polls, output = excluded.output, notes = excluded.notes, message = excluded.message,
      error = excluded.error, finished_at = excluded.finished_at
  ), told as (
    insert into saga_events (saga_id, sequence, type, at, step_index, step_name, message, status)
    select held.id, held.told_before + event.place, event.row ->> 'type', $16, (event.row ->> 'stepIndex')::int,
      event.row ->> 'stepName', event.row ->> 'message', event.row ->> 'status'
    from held, jsonb_array_elements($10::jsonb) with ordinality as event(row, place)
  )
  select epoch::text, cancel_requested as "cancelRequested" from held`,
};

type WriteApp = Pick<App, 'db' | 'clock' | 'live' | 'config'>;

/** Writes as the runner that holds the saga. Null: a cancel was asked for meanwhile. Throws LeaseLostError. */
export async function writeSaga(app: WriteApp, saga: SagaState, change: SagaChange): Promise<SagaState | null> {
  const written = await write(app, saga, change, null);
  if (written) return written;
  if (change.unlessCancelled && (await isCancelled(app, saga))) return null;
  throw new LeaseLostError(`saga ${saga.id} went to another runner`);
}

/** Takes the saga as it was found, where nobody holds it and it is due. Null: it is not to be had, or has changed since. */
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
  taking: { readonly owner: string; readonly revision: string } | null,
): Promise<SagaState | null> {
  const next = { ...saga, ...definedOf(change) };
  const events = change.events ?? [];
  const at = app.clock();
  const [held] = await runPrepared<{ epoch: string; cancelRequested: boolean }>(app.db, WRITE, [
    saga.id,
    saga.epoch,
    next.status,
    change.context ? storableJson(change.context) : null,
    next.currentStepIndex,
    next.cause === null ? null : storableText(next.cause),
    next.error === null ? null : storableText(next.error),
    isFinished(next.status) ? at : null,
    change.waitSeconds ?? null,
    storableJson(events),
    storableJson(change.ledger ?? []),
    taking?.owner ?? null,
    isFinished(next.status) || change.waitSeconds !== undefined,
    app.config.sagaLeaseSeconds,
    change.unlessCancelled ?? false,
    at,
    taking?.revision ?? null,
  ]);
  if (!held) return null;
  if (events.length > 0) wakeFollowers(app, saga.id);
  return { ...next, ...held, ledger: merged(saga.ledger, change.ledger ?? []) };
}

export function wakeFollowers(app: Pick<App, 'live'>, id: string): void {
  app.live.wake(sagaTopic(id));
  app.live.wake(SAGAS_TOPIC);
}

/** Whether that alone is why the holder's write changed nothing. */
async function isCancelled(app: Pick<App, 'db'>, saga: SagaState): Promise<boolean> {
  const found: unknown[] = await app.db.query(
    'select from saga_runs where id = $1 and epoch = $2 and lease_owner is not null and cancel_requested',
    [saga.id, saga.epoch],
  );
  return found.length > 0;
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
