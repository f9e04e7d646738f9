import { randomUUID } from 'node:crypto';
import type { App } from '../../context.js';
import { queueSaga } from './queue-saga.js';

/** A sweep queues a saga no more than once in so long, where its job is still there: a long queue must not grow by itself. */
const RECOVERY_BUCKET_MS = 300_000;

/**
 * Queues again what is unfinished, due and held by nobody: its job was lost, or its runner died. `horizonSeconds` takes
 * in what becomes so within that time: a process that starts may follow one that died a moment ago.
 */
export async function recoverSagas(app: Pick<App, 'db' | 'queues'>, horizonSeconds = 0): Promise<number> {
  const left: { id: string; epoch: string; waitMs: number }[] = await app.db.query(
    `select id, epoch::text, greatest(0, extract(epoch from free_at - clock_timestamp()) * 1000)::float8 as "waitMs"
     from (select id, epoch, number, coalesce(greatest(lease_until, next_attempt_at), clock_timestamp()) as free_at
       from saga_runs where finished_at is null) unfinished
     where free_at <= clock_timestamp() + $1 * interval '1 second' order by number`,
    [horizonSeconds],
  );
  const occasion = horizonSeconds > 0 ? randomUUID() : `sweep-${Math.floor(Date.now() / RECOVERY_BUCKET_MS)}`;
  for (const { waitMs, ...saga } of left) await queueSaga(app, saga, occasion, Math.ceil(waitMs));
  return left.length;
}
