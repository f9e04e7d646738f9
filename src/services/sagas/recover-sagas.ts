import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { App } from '../../context.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { queueSaga } from './queue-saga.js';

const DueRow = rowShape({ id: z.string(), epoch: z.string(), waitMs: z.number() });

/** A sweep queues a saga at most once in this time if its job is still there: a long queue must not grow by itself. */
const RECOVERY_BUCKET_MS = 300_000;

/**
 * Queues again the sagas that are unfinished, due and held by no runner: the job was lost, or the runner died. With
 * `horizonSeconds` also those that become so within that time: the process before this one may have died a moment ago.
 * Returns how many.
 */
export async function recoverSagas(app: Pick<App, 'db' | 'queues'>, horizonSeconds = 0): Promise<number> {
  const due = await query(app.db).many(
    DueRow,
    sql`/* find-abandoned-sagas */ select id, epoch,
       greatest(0, extract(epoch from free_at - clock_timestamp()) * 1000)::float8 as "waitMs"
     from (select id, epoch, number, coalesce(greatest(lease_until, next_attempt_at), clock_timestamp()) as free_at
       from saga_runs where finished_at is null) unfinished
     where free_at <= clock_timestamp() + ${horizonSeconds} * interval '1 second' order by number`,
  );
  const occasion = horizonSeconds > 0 ? randomUUID() : `sweep-${Math.floor(Date.now() / RECOVERY_BUCKET_MS)}`;
  for (const { waitMs, ...saga } of due) await queueSaga(app, saga, occasion, Math.ceil(waitMs));
  return due.length;
}
